/** Translation: models of pairs of sentences, trained on files of them, and asked to translate others. */
package djinn.tasks.translation;
