/** Language models, trained on the characters or tokens of a text. */
package djinn.tasks.language;
