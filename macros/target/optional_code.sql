{# A code that is mapped only when its seed has rows (G4); null leaves the target's value alone. #}
{% macro optional_code(seed, code) -%}
    (
        select max(map.finops_code)
        from {{ ref('keys_optional_codes') }} as map
        where map.seed = '{{ seed }}' and map.sales_code = {{ code }}
    )
{%- endmacro %}

{% macro optional_code_reason(seed, column, code, mapped) -%}
    {{ reason(
        'no_value_map', column, code,
        "'The code ' || cast(" ~ code ~ " as varchar) || ' is not in the seed " ~ seed ~ ": add a row"
        " for it, or empty the seed to leave the field alone.'",
        code ~ ' is not null and ' ~ mapped ~ ' is null and exists (select 1 from '
        ~ ref('keys_optional_codes') ~ " as mapped where mapped.seed = '" ~ seed ~ "')") }}
{%- endmacro %}

{# Terms and delivery of a customer or document (G4), by the three columns `<name>_code` of `relation`. #}
{% macro with_terms(relation) -%}
    select
        coded.*,
        {{ optional_code('value_map_payment_terms', 'coded.payment_terms_code') }} as payment_terms,
        {{ optional_code('value_map_delivery_terms', 'coded.freight_terms_code') }} as delivery_terms,
        {{ optional_code('value_map_delivery_modes', 'coded.shipping_method_code') }} as delivery_mode
    from {{ relation }} as coded
{%- endmacro %}

{# The reasons for codes that their seeds do not have; `prefix` goes before Sales' names of two columns. #}
{% macro terms_reasons(rows, prefix='') -%}
    {{ return([
        optional_code_reason('value_map_payment_terms', 'paymenttermscode',
            rows ~ '.payment_terms_code', rows ~ '.payment_terms'),
        optional_code_reason('value_map_delivery_terms', prefix ~ 'freighttermscode',
            rows ~ '.freight_terms_code', rows ~ '.delivery_terms'),
        optional_code_reason('value_map_delivery_modes', prefix ~ 'shippingmethodcode',
            rows ~ '.shipping_method_code', rows ~ '.delivery_mode'),
    ]) }}
{%- endmacro %}
