with released as (
    select
        products.*,
        coalesce(entities.is_default, false) as is_default_company
    from {{ ref('stg_finops__sellable_released_products') }} as products
    left join {{ ref('stg_seeds__legal_entities') }} as entities
        on products.data_area_id = entities.data_area_id and entities.is_default
),

-- One product in Sales, whatever number of companies released it: its name and unit come from the
-- default company, else from the first one that has it (P7).
ranked as (
    select
        *,
        row_number() over (
            partition by product_number
            order by deleted_at is not null, is_default_company desc, data_area_id
        ) as choice,
        count(*) over (partition by product_number) as released_in
    from released
)

select
    {{ text_var('organization_id') }} as organization_id,
    ranked.product_number,
    keys.product_id,
    keys.matched_by,
    keys.override_problem,
    keys.to_review,
    keys.might_be,
    'finops' as system_of_record,
    ranked.data_area_id,
    ranked.released_in,
    ranked.product_name,
    ranked.product_description,
    upper(ranked.currency_code) as currency_code,
    ranked.sales_price,
    ranked.unit_cost,
    ranked.sales_unit_symbol as unit_symbol,
    ranked.sales_unit_decimal_precision as unit_decimals,
    ranked.is_stocked_product = 'Yes' as is_stocked,
    ranked.product_type,
    ranked.deleted_at is not null as is_deleted
from ranked
inner join {{ ref('keys_products') }} as keys on ranked.product_number = keys.product_number
where ranked.choice = 1
