{# A table of DuckDB, replaced in one transaction: a model that fails leaves the old one, as its DDL is
   transactional. The adapter's own way (build, rename twice, look for foreign keys and indexes,
   drop) is a fifth of a build's time, and none of the models has an index or a foreign key. #}
{% materialization table, adapter="duckdb", supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {%- if existing is not none %}
            drop {{ existing.type }} if exists {{ existing }} cascade;
        {%- endif %}
        {{ create_table_as(False, target_relation, compiled_code) }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
