/** Two networks against each other: a generator of images and the critic that it is to deceive. */
package djinn.tasks.generative;
