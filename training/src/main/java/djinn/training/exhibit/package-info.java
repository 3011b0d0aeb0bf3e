/** What of a trained model is worth a look, as values: a report or a page of one's own draws them. */
package djinn.training.exhibit;
