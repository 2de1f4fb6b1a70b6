with lists as (
    select
        *,
        lower(name) = lower({{ text_var('price_list') }}) as is_pinned
    from {{ ref('stg_sales__pricelevels') }}
    where
        deleted_at is null
        and statecode = 0
        and coalesce(begindate, current_date) <= current_date
        and coalesce(enddate, current_date) >= current_date
),

-- The pinned list serves its own currency; every other currency has its first list by name (P3).
ranked as (
    select
        currencies.currency_code,
        lists.pricelevelid as price_list_id,
        lists.name as price_list,
        row_number() over (
            partition by currencies.currency_code
            order by lists.is_pinned desc, lower(lists.name), lists.pricelevelid
        ) as choice
    from lists
    inner join {{ ref('keys_currencies') }} as currencies
        on lists.transactioncurrencyid = currencies.currency_id
)

select
    currency_code,
    price_list_id,
    price_list
from ranked
where choice = 1
