/** Recipes: YAML files that become records. */
package djinn.training.recipe;
