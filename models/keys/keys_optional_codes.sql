{% set seeds = [
    'value_map_payment_terms', 'value_map_delivery_terms', 'value_map_delivery_modes',
    'value_map_contact_roles',
] %}

-- Options of Sales that are mapped only where a person gave them a code of F&O (G4, C6).
{% for seed in seeds %}
    select
        '{{ seed }}' as seed,
        sales_code,
        finops_code
    from {{ ref('stg_seeds__' ~ seed) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
