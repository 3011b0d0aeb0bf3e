/** Translation: models of pairs of sentences, trained on files of them. */
package djinn.tasks.translation;
