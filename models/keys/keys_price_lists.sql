with lists as (
    select
        *,
        coalesce(lower(name) = lower({{ text_var('price_list') }}), false) as is_pinned
    from {{ ref('stg_sales__pricelevels') }}
    where
        deleted_at is null
        and statecode = 0
        and coalesce(begindate, current_date) <= current_date
        and coalesce(enddate, current_date) >= current_date
),

placed as (
    select
        currencies.currency_code,
        lists.pricelevelid as price_list_id,
        lists.name as price_list,
        lists.is_pinned,
        row_number() over (
            partition by currencies.currency_code
            order by {{ sorted_as_people_do('lists.name') }}, lists.pricelevelid
        ) as place
    from lists
    inner join {{ ref('keys_currencies') }} as currencies
        on lists.transactioncurrencyid = currencies.currency_id
),

-- The pinned list serves its own currency; every other currency has its first list by name (P3), which
-- is where the solution's plug-in puts a new product in any case.
ranked as (
    select
        *,
        max(case when place = 1 then price_list_id end) over (partition by currency_code)
            as first_list_id,
        row_number() over (partition by currency_code order by is_pinned desc, place) as choice
    from placed
)

select
    currency_code,
    price_list_id,
    price_list,
    is_pinned,
    first_list_id
from ranked
where choice = 1
