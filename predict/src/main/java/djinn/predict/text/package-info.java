/** Whole texts, one class for each, and words that are near others. */
package djinn.predict.text;
