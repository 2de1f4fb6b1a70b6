{{ config(materialized="table") }}

with pairs as (
    select * from {{ ref('match_pairs') }}
),

features as (
    select record_no, entity, record_table, data_area_id, record_key from {{ ref('match_features') }}
),

rules as (
    select * from {{ ref('stg_seeds__match_rules') }}
),

kinds as (
    select distinct
        features.entity,
        pairs.kind
    from pairs
    inner join features on pairs.finops_no = features.record_no
),

-- The first rule of the file that holds counts.
rated_kinds as (
    select
        kinds.entity,
        kinds.kind,
        rules.rule,
        rules.score,
        row_number() over (partition by kinds.entity, kinds.kind order by rules.seed_row) as choice
    from kinds
    inner join rules on kinds.entity = rules.entity
    where
        {{ match_rule_holds('kinds', 'rules') }}
),

rated as (
    select
        pairs.*,
        features.entity,
        features.record_table,
        features.data_area_id,
        features.record_key as finops_key,
        rated_kinds.rule,
        rated_kinds.score,
        rated_kinds.score + pairs.weight / 2 as strength
    from pairs
    inner join features on pairs.finops_no = features.record_no
    inner join rated_kinds on features.entity = rated_kinds.entity and pairs.kind = rated_kinds.kind
    where rated_kinds.choice = 1 and rated_kinds.score >= {{ number_var('match_review_from') }}
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

decided as (
    select
        *,
        sales_place = 1 and finops_place = 1 and score >= {{ number_var('match_linked_from') }}
        and least(ahead_in_sales, ahead_in_finops) >= {{ number_var('match_margin') }} as is_linked
    from ranked
),

surrounded as (
    select
        *,
        max(cast(is_linked as integer)) over (partition by sales_no, record_table) = 1 as sales_is_linked,
        max(cast(is_linked as integer)) over (partition by finops_no) = 1 as finops_is_linked
    from decided
)

select
    surrounded.entity,
    surrounded.record_table,
    surrounded.data_area_id,
    features.record_key as sales_id,
    surrounded.finops_key,
    case when surrounded.is_linked then 'linked' else 'review' end as status,
    case
        when surrounded.is_linked then null
        when surrounded.sales_is_linked or surrounded.finops_is_linked then 'taken'
        when surrounded.score >= {{ number_var('match_linked_from') }} then 'tie'
        else 'score'
    end as review_reason,
    surrounded.rule,
    surrounded.score,
    surrounded.weight,
    surrounded.kind
from surrounded
inner join features on surrounded.sales_no = features.record_no
where
    surrounded.is_linked
    or (
        not (surrounded.sales_is_linked and surrounded.finops_is_linked)
        and surrounded.sales_place <= {{ number_var('match_listed') }}
    )
