{{ config(materialized="table") }}

with features as (
    select * from {{ ref('match_features') }}
),

named as (
    select
        *,
        {{ match_each_word('plain_name') }} as word
    from features
),

-- Names of products have many words in common, seldom two.
doubles as (
    select
        named.*,
        {{ match_each_word('features.plain_name') }} as other_word
    from named
    inner join features on named.record_no = features.record_no
    where named.entity = 'products'
),

blocks as (
    {{ match_blocks('features', match_block_parts().whole) }}
    union all
    {{ match_blocks('named', match_block_parts().words) }}
    union all
    {{ match_blocks("(select * from doubles where word < other_word)", match_block_parts()['product words']) }}
),

-- What very many share is no reason to compare all of them with each other.
small_blocks as (
    select block
    from blocks
    where block is not null
    group by block
    having
        count(*) filter (where side = 'sales') * count(*) filter (where side = 'finops')
        between 1 and {{ var('match_largest_block') }}
),

blocked as (
    select blocks.*
    from blocks
    inner join small_blocks on blocks.block = small_blocks.block
),

pairs as (
    select distinct
        mine.record_no as sales_no,
        theirs.record_no as finops_no
    from blocked as mine
    inner join blocked as theirs on mine.block = theirs.block
    where mine.side = 'sales' and theirs.side = 'finops'
),

compared as (
    select
        pairs.*
        {%- for column in match_columns() %},
        {{ match_level(column) }} as {{ column }},
        greatest(sales.{{ column }}_records, finops.{{ column }}_records) as {{ column }}_records
        {%- endfor %}
    from pairs
    inner join features as sales on pairs.sales_no = sales.record_no
    inner join features as finops on pairs.finops_no = finops.record_no
)

select
    sales_no,
    finops_no,
    {{ match_kind('compared') }} as kind,
    {{ match_weight('compared') }} as weight
from compared
