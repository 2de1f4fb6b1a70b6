-- Each of the statements is of its own, and so are its aliases.
-- noqa: disable=AL04
with entities as (
    select * from {{ ref('stg_seeds__legal_entities') }}
),

defaults as (
    select
        count(distinct data_area_id) as companies,
        max(seed_row) as last_row,
        max(data_area_id) as company
    from entities
    where is_marked_default
),

units as (
    select lower(name) as name from {{ ref('stg_sales__businessunits') }} where deleted_at is null
),

companies as (
    {% for staged in ['customers', 'sellable_released_products', 'sales_order_headers', 'sales_invoice_headers'] %}
        select data_area_id from {{ ref('stg_finops__' ~ staged) }} where deleted_at is null
        {{ 'union' if not loop.last }}
    {% endfor %}
),

lists as (
    select lower(name) as name from {{ ref('stg_sales__pricelevels') }} where deleted_at is null
)

{{ seed_problem('legal_entities', 'null', 'is_default', 'null',
    "'no row is the default: write true in the row of the legal entity that everything not listed goes to'",
    'all') }}
from defaults
where companies = 0
union
{{ seed_problem('legal_entities', 'last_row', 'is_default', 'company',
    "'several legal entities are the default: write true in the rows of one'", 'all') }}
from defaults
where companies > 1
union
{{ seed_problem('legal_entities', 'entities.seed_row', 'business_unit', 'entities.business_unit',
    "'Sales has no business unit of this name: correct it, or take the row out'") }}
from entities
left join units on lower(entities.business_unit) = units.name
where units.name is null and exists (select 1 from units)
union
{{ seed_problem('legal_entities', 'entities.seed_row', 'data_area_id', 'entities.data_area_id',
    "'F&O has no record in this legal entity: correct it, unless it is new'") }}
from entities
left join companies on entities.data_area_id = companies.data_area_id
where companies.data_area_id is null and exists (select 1 from companies)
union
{{ seed_problem('legal_entities', 'seed_row', 'number_prefix', 'written_prefix',
    "'another row of ' || data_area_id || ' has the prefix ' || number_prefix || ', which counts: leave one'",
    'orders_back, invoices') }}
from entities
where written_prefix <> number_prefix
union
{{ seed_problem('value_map_units', 'map.seed_row', 'is_preferred', 'map.sales_unit',
    "'the unit ' || map.finops_symbol || ' has a preferred row before, case does not matter: that one counts;'"
    ~ " || ' write false here, or there'") }}
from {{ ref('stg_seeds__value_map_units') }} as map
where map.is_marked_preferred and not map.is_preferred
union
{{ seed_problem('value_map_price_lists', 'map.seed_row', 'price_list', 'map.price_list',
    "'Sales has no price list of this name: add it there, or correct the row'") }}
from {{ ref('stg_seeds__value_map_price_lists') }} as map
left join lists on lower(map.price_list) = lists.name
where lists.name is null and exists (select 1 from lists)
union
{% for seed in ['customer_groups', 'sites', 'warehouses', 'languages'] %}
    {{ unknown_source_countries('value_map_' ~ seed) }}
    union
{% endfor %}
{{ override_problems() }}
union
{{ setting_problems() }}
