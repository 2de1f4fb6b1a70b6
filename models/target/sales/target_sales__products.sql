with products as (
    select * from {{ ref('products') }}
),

units as (
    select * from {{ ref('keys_units') }} where is_preferred
),

held as (
    select * from {{ ref('stg_sales__products') }} where deleted_at is null
),

organization as (
    select max(pricingdecimalprecision) as price_decimals from {{ ref('stg_sales__organizations') }}
)

select
    products.product_id as productid,
    products.product_number as productnumber,
    {{ fit('products.product_name', 100) }} as name,
    {{ fit('products.product_description', 2000) }} as description,
    currencies.currency_id as transactioncurrencyid,
    cast({{ round_to('products.sales_price', 'organization.price_decimals') }} as decimal(19, 4)) as price,
    cast({{ round_to('products.unit_cost', 'organization.price_decimals') }} as decimal(19, 4))
        as currentcost,
    units.unit_id as defaultuomid,
    units.unit_group_id as defaultuomscheduleid,
    cast(least(greatest(coalesce(products.unit_decimals, 0), 0), 5) as integer) as quantitydecimal,
    products.is_stocked as isstockitem,
    cast(case products.product_type when 'Item' then 1 when 'Service' then 3 end as integer)
        as producttypecode,
    cast(1 as integer) as productstructure,
    true as msdynce_ismaintainedexternally,
    -- The solution's plug-in follows it where it follows one at all; a create cannot carry it (P3).
    case when held.productid is not null and lists.is_pinned then lists.price_list_id end as pricelevelid,
    -- Only a Draft that is there already: a create cannot carry a state (P5).
    cast(case when {{ flag_var('activate_products') }} and held.statecode = 2 then 0 end as integer) as statecode,
    cast(case when {{ flag_var('activate_products') }} and held.statecode = 2 then 1 end as integer) as statuscode,

    products.product_number as p2c_source_key,
    products.product_number as p2c_record_key,
    products.product_id as p2c_record_id,
    '[]' as p2c_parents,
    products.is_deleted as p2c_deleted,
    cast(null as varchar) as p2c_filtered,
    'match_to_review: ' || products.to_review as p2c_blocked,
    {{ reasons([
        reason('wrong_override', 'key_overrides', 'products.product_number',
            "'For this product ' || products.override_problem || '.'", 'products.override_problem is not null'),
        reason('number_taken', 'ProductNumber', 'products.product_number',
            "'Sales has a product of this number, and a row of the seed key_overrides says that it is another: give one"
            " of the two another number.'", "products.matched_by = 'denied'"),
        reason('no_name', 'ProductName', 'products.product_number',
            "'The product has no name: give it one in F&O.'", 'products.product_name is null'),
        reason('might_be_known', 'ProductNumber', 'products.product_number',
            "'Sales has a product of the same name (' || products.might_be || ') that came from F&O and that none is"
            " known to be: pair them in the seed key_overrides (products, ' || products.might_be || ', '"
            " || products.product_number || ') if it is the same; if not, set Is Maintained Externally to No there.'",
            'products.might_be is not null'),
        reason('number_too_long', 'ProductNumber', 'products.product_number',
            "'A product number in Sales has at most 100 characters: shorten it in F&O.'",
            'length(products.product_number) > 100'),
        reason('no_currency', 'CurrencyCode', 'products.currency_code',
            "'Sales has no currency ' || coalesce(products.currency_code, '(blank)')
            || ': add it there, or correct the product in F&O.'",
            'currencies.currency_id is null'),
        reason('no_price_list', 'CurrencyCode', 'products.currency_code',
            "'Sales has no active price list in ' || products.currency_code || ': add one there.'",
            'currencies.currency_id is not null and lists.price_list_id is null'),
        reason('no_price_list', 'price_list', text_var('price_list'),
            "'Sales has no active price list named ' || " ~ text_var('price_list') ~ " || ', which the setting"
            " price_list pins: add it there, or correct the setting.'",
            text_var('price_list') ~ " <> '' and pinned.price_list_id is null"),
        reason('no_value_map', 'SalesUnitSymbol', 'products.unit_symbol',
            "'The unit ' || coalesce(products.unit_symbol, '(blank)') || ' has no preferred row in"
            " the seed value_map_units: add one (finops_symbol, sales_unit, is_preferred).'",
            'units.finops_symbol is null'),
        reason('no_unit', 'SalesUnitSymbol', 'products.unit_symbol',
            "'The unit group \"' || " ~ text_var('unit_group') ~ " || '\" of Sales has no unit named '
            || units.sales_unit || ': add it there, or correct the seed value_map_units.'",
            'units.finops_symbol is not null and units.unit_id is null'),
        reason('no_value_map', 'ProductType', 'products.product_type',
            "'The product type is neither Item nor Service: correct it in F&O.'",
            "coalesce(products.product_type, '') not in ('Item', 'Service')"),
        reason('owned_by_sales', 'msdynce_ismaintainedexternally', 'products.product_number',
            "'The product was entered in Sales (Is Maintained Externally = No): set it to Yes there to hand it over to F&O,"
            " or give it another number.'",
            'not held.msdynce_ismaintainedexternally'),
    ]) }} as p2c_reasons,
    {{ cuts({
        'name': ('products.product_name', 100),
        'description': ('products.product_description', 2000),
    }) }} as p2c_cuts
from products
cross join organization
left join {{ ref('keys_currencies') }} as currencies
    on products.currency_code = currencies.currency_code
left join {{ ref('keys_price_lists') }} as lists on products.currency_code = lists.currency_code
left join (
    select min(price_list_id) as price_list_id from {{ ref('keys_price_lists') }} where is_pinned
) as pinned on true
left join units on lower(products.unit_symbol) = lower(units.finops_symbol)
left join held on products.product_id = held.productid
