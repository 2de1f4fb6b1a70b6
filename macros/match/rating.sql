{# The kind of a pair, by the agreement and the rarity of its columns. #}
{% macro match_kind(pairs) -%}
    {%- for column in match_columns() %}
    cast({{ 16 ** loop.index0 }} as bigint) * ({{ pairs }}.{{ column }} + case
        when {{ pairs }}.{{ column }} > 1 and {{ pairs }}.{{ column }}_records <= {{ number_var('match_rare') }} then 4 else 0 end)
    {{- ' +' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# How much the columns of a pair say together, to tell the better of two pairs: eight points for a value
   of one record, one less each time that twice as many share it, less for what is only close. #}
{% macro match_weight(pairs) -%}
    cast(
        {%- for column in match_columns() %}
        case {{ pairs }}.{{ column }}
            when 4 then 1.0 when 3 then 0.8 when 2 then 0.4
            when 1 then {{ -0.8 if column in ('name', 'tax_number') else -0.2 }} else 0.0
        end * case when {{ pairs }}.{{ column }} > 1 then greatest(1.0, 8 - log2({{ pairs }}.{{ column }}_records)) else 8 end
        {{- ' +' if not loop.last }}
        {%- endfor %} as float
    )
{%- endmacro %}

{# Whether a kind of pair has what a rule asks of every column. #}
{% macro match_rule_holds(kinds, rules) -%}
    {%- for column in match_columns() %}
    case {{ rules }}.{{ column }}
        {%- for word, levels in match_words_of_agreement().items() %}
        when '{{ word }}' then {{ match_digit(kinds ~ '.kind', column) }} in ({{ levels | join(', ') }})
        {%- endfor %}
        else true
    end
    {{- '\n    and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The side whose records are created on the other one. #}
{% macro match_source_side(entity) -%}
    case {{ entity }} when 'products' then 'finops' else 'sales' end
{%- endmacro %}

{# Pairs of records with the first rule of the file that holds for their kind, where that makes them candidates.
   A pair that a person said is none is none. #}
{% macro match_rated() -%}
with pairs as (
    select
        pairs.*,
        finops.entity,
        finops.record_table,
        finops.data_area_id,
        sales.record_key as sales_id,
        finops.record_key as finops_key,
        coalesce(finops.record_table = sales.written_to, false) as is_written_there,
        case finops.entity when 'products' then sales.known_key else finops.known_key end is not null as is_taken,
        -- A product that has the number of its own pair is another one (P1): variants share a name.
        finops.entity = 'products' and coalesce(sales.number = {{ match_code('sales.known_key') }}, false) as is_another
    from {{ ref('match_pairs') }} as pairs
    inner join {{ ref('match_features') }} as sales on pairs.sales_no = sales.record_no
    inner join {{ ref('match_features') }} as finops on pairs.finops_no = finops.record_no
),

rules as (
    select * from {{ ref('stg_seeds__match_rules') }}
),

kinds as (
    select distinct
        entity,
        kind
    from pairs
),

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
)

select
    pairs.*,
    rated_kinds.rule,
    rated_kinds.score,
    rated_kinds.score + pairs.weight / 2 as strength
from pairs
inner join rated_kinds on pairs.entity = rated_kinds.entity and pairs.kind = rated_kinds.kind
where
    rated_kinds.choice = 1 and rated_kinds.score >= {{ number_var('match_review_from') }}
    and not {{ decided_different('pairs.entity', 'pairs.sales_id', 'pairs.data_area_id', 'pairs.finops_key') }}
{%- endmacro %}
