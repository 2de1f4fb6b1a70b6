{# Holds for every row; a row for which the expression is null fails. #}
{% test expression_is_true(model, expression) %}
select * from {{ model }} where ({{ expression }}) is not true
{% endtest %}
