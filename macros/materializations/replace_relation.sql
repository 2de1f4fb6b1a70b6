{# What both materializations of DuckDB share: hooks outside and inside the transaction, the statements that
   replace a relation of whatever type it was, its documentation. One transaction, as DuckDB's DDL is
   transactional: a model that fails leaves the old relation. #}
{% macro replace_relation(target_relation, statements) -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {%- if existing is not none %}
            drop {{ existing.type }} if exists {{ existing }} cascade;
        {%- endif %}
        {{ statements }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{%- endmacro %}
