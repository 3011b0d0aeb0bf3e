/** Weights by name: state dicts, safetensors files. */
package djinn.zoo.weights;
