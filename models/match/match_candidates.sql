{{ config(materialized="table") }}

with rated as (
    {{ match_rated() }}
),

ranked as (
    select
        *,
        row_number() over mine as sales_place,
        row_number() over theirs as finops_place,
        strength - coalesce(lead(strength) over mine, 0) as ahead_in_sales,
        strength - coalesce(lead(strength) over theirs, 0) as ahead_in_finops
    from rated
    window
        mine as (partition by sales_no, record_table order by strength desc, finops_key),
        theirs as (partition by finops_no order by strength desc, sales_no)
),

-- A record that is known to be another's pair is never linked.
decided as (
    select
        *,
        sales_place = 1 and finops_place = 1 and not is_taken and score >= {{ number_var('match_linked_from') }}
        and least(ahead_in_sales, ahead_in_finops) >= {{ number_var('match_margin') }} as is_linked
    from ranked
),

surrounded as (
    select
        *,
        max(cast(is_linked as integer)) over (partition by sales_no, record_table) = 1 as sales_is_linked,
        max(cast(is_linked as integer)) over (partition by finops_no) = 1 as finops_is_linked
    from decided
),

-- The source is the side whose records are created on the other one.
judged as (
    select
        *,
        case entity when 'products' then finops_is_linked else sales_is_linked end as source_is_linked,
        case entity when 'products' then sales_is_linked else finops_is_linked end or is_taken as target_is_taken,
        case entity when 'products' then finops_place else sales_place end as source_place
    from surrounded
)

select
    entity,
    record_table,
    data_area_id,
    sales_id,
    finops_key,
    case when is_linked then 'linked' else 'review' end as status,
    case
        when is_linked then null
        when source_is_linked or target_is_taken then 'taken'
        when score >= {{ number_var('match_linked_from') }} then 'tie'
        else 'score'
    end as review_reason,
    is_written_there,
    is_written_there and not source_is_linked and not is_another as is_waiting,
    rule,
    score,
    weight,
    kind
from judged
where
    is_linked
    or (
        not (source_is_linked and target_is_taken)
        and source_place <= {{ number_var('match_listed') }}
    )
