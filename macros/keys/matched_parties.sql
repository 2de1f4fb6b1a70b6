{# What the rules of `match_rules` say of accounts and contacts, by legal entity: the record that one is sure of, or
   the question that waits for a decision. Of a contact the table that it is written to counts. #}
{% macro matched_parties() -%}
    select
        case entity when 'customers' then 'account' else 'contact' end as party_type,
        sales_id as party_id,
        data_area_id,
        finops_key as number,
        rule,
        null as question
    from {{ ref('match_candidates') }}
    where status = 'linked' and is_written_there and entity <> 'products'
    union all
    select
        case entity when 'customers' then 'account' else 'contact' end as party_type,
        source_key as party_id,
        data_area_id,
        null as number,
        null as rule,
        question
    from {{ ref('match_waiting') }}
    where entity <> 'products'
{%- endmacro %}
