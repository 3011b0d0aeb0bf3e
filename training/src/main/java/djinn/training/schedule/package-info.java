/** How the learning rate moves. */
package djinn.training.schedule;
