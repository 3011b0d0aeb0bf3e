package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Normalisation;
import djinn.data.Preprocessing;
import djinn.export.onnx.OnnxOptions;
import djinn.export.torchscript.TorchScriptWriter;
import djinn.export.trace.BatchNormFolding;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.export.trace.Tracer;
import djinn.ops.Autograd;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.tasks.TrainedRun;
import djinn.training.Product;
import djinn.training.run.RunFolder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the product of a run of any task: what is traced is the input that the task gives.
 *
 * @param to the file, .onnx, .pt or .safetensors
 * @param options how ONNX is written; its metadata are the product's
 * @param examples in a batch, or 0 for any number
 * @param fold whether batch normalisation is folded into the convolution before it
 * @param check whether an ONNX file is compared with the model
 */
record RunExport(Path to, OnnxOptions options, long examples, boolean fold, boolean check) {

    private static final int SEED = 7;

    /** Writes the file; returns a line about it. */
    String write(RunFolder folder, Map<String, String> further) {
        try (TrainedRun run = TrainedRun.open(folder, List.of());
                NDManager manager = PyTorch.newManager()) {
            Product product = run.product();
            Map<String, String> metadata = new LinkedHashMap<>(product.metadata());
            metadata.putAll(further);
            if (to.toString().endsWith(".safetensors")) {
                Safetensors.write(to, StateDict.of(product.block()), metadata, Dtype.F32);
                return to + ": the weights of a " + run.recipe().task() + " run";
            }
            Randomness.seed(SEED);
            NDList one = run.productInput(manager);
            NDList input = examples > 1 ? repeated(one) : one;
            List<DynamicAxis> axes = examples == 0 ? List.of(DynamicAxis.BATCH) : List.of();
            try (Graph traced = axes.isEmpty()
                    ? Tracer.trace(product.block(), input)
                    : DynamicTrace.trace(product.block(), input, axes)) {
                Graph graph = fold ? BatchNormFolding.apply(traced) : traced;
                requireFinite(graph.run(input));
                if (to.toString().endsWith(".pt")) {
                    TorchScriptWriter.write(graph, to, Map.of("djinn.json", Json.line(metadata)));
                    return to + ": the model of a " + run.recipe().task() + " run as TorchScript";
                }
                return new OnnxExport(to, options.withMetadata(metadata), check)
                        .write(graph, UNUSED, inputs -> forward(product.block(), inputs), input, axes);
            }
        }
    }

    /** Only files that take bytes look at it, and these are classifiers'. */
    private static final Preprocessing UNUSED = new Preprocessing(
            1,
            1,
            3,
            Normalisation.usual(3).mean(),
            Normalisation.usual(3).std(),
            Preprocessing.Fit.CROP,
            1,
            djinn.data.Interpolation.BILINEAR);

    private NDList repeated(NDList one) {
        NDList input = new NDList();
        one.forEach(array -> input.add(array.repeat(0, examples)));
        return input;
    }

    private void requireFinite(NDList answers) {
        for (NDArray answer : answers) {
            if (answer.getDataType().isFloating()
                    && !answer.isInfinite().logicalOr(answer.isNaN()).any().getBoolean()) {
                continue;
            }
            if (answer.getDataType().isFloating()) {
                throw new NotFiniteException("expected a model of finite answers, it answers NaN or infinity to its own"
                        + " example; look at its weights; " + to + " was not written");
            }
        }
    }

    private static NDList forward(NamedBlock block, NDList inputs) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            return block.forward(new ParameterStore(inputs.getManager(), false), inputs, false);
        }
    }
}
