/** Language models: trained on the characters of a text, and asked to go on with one. */
package djinn.tasks.language;
