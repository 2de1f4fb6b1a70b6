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
        others.word as other_word
    from named
    inner join named as others on named.record_no = others.record_no and named.word < others.word
    where named.entity = 'products'
),

blocks as (
    {{ match_blocks('features', match_block_parts().whole) }}
    union all
    {{ match_blocks('named', match_block_parts().words) }}
    union all
    {{ match_blocks('doubles', match_block_parts().two_words) }}
),

-- What very many share is no reason to compare all of them with each other.
small_blocks as (
    select block
    from blocks
    where block is not null
    group by block
    having
        count(*) filter (where side = 'sales') * count(*) filter (where side = 'finops')
        between 1 and {{ number_var('match_largest_block') }}
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
    {{ match_compared('pairs', 'features') }}
)

select
    compared.sales_no,
    compared.finops_no,
    {{ match_kind('compared') }} as kind,
    {{ match_weight('compared') }} as weight
from compared
