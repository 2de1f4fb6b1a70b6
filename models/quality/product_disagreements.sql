with released as (
    select * from {{ ref('stg_finops__sellable_released_products') }} where deleted_at is null
),

chosen as (
    select * from {{ ref('products') }} where not is_deleted
),

compared as (
    {% for column, kept in {
        'product_name': 'chosen.product_name',
        'sales_unit_symbol': 'chosen.unit_symbol',
    }.items() %}
        select
            released.product_number,
            released.data_area_id,
            '{{ column }}' as column_name,
            released.{{ column }} as value,
            chosen.data_area_id as kept_from,
            {{ kept }} as kept_value
        from released
        inner join chosen on released.product_number = chosen.product_number
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from compared
where value is distinct from kept_value
