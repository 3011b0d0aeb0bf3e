package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.WeightFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "weights", description = "Work on files of weights.", subcommands = WeightsCommand.Convert.class)
final class WeightsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a subcommand: convert");
    }

    @Command(
            name = "convert",
            description = "Turn a PyTorch state dict (.pth, .pt) or safetensors file into safetensors.",
            footer = {
                "",
                "  djinn weights convert resnet18.pth --to resnet18.safetensors",
                "",
                "Only tensors are read: a file that names any class or function but a state dict's is refused."
            })
    static final class Convert implements Runnable {

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "IN", description = "The file to read.")
        private Path in;

        @Option(names = "--to", required = true, paramLabel = "OUT", description = "The safetensors file to write.")
        private Path out;

        @Option(
                names = "--dtype",
                defaultValue = "F32",
                description = "What numbers with a fraction are kept as: F32, F16 or BF16 (default: ${DEFAULT-VALUE}).")
        private Dtype dtype;

        @Override
        public void run() {
            if (dtype != Dtype.F32 && dtype != Dtype.F16 && dtype != Dtype.BF16) {
                throw new ParameterException(spec.commandLine(), "expected --dtype F32, F16 or BF16, got " + dtype);
            }
            try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                Map<String, NDArray> arrays = WeightFile.read(in, manager);
                Safetensors.write(out, arrays, Map.of(), dtype);
                long values = arrays.values().stream().mapToLong(NDArray::size).sum();
                PrintWriter text = spec.commandLine().getOut();
                text.println(out + ": " + arrays.size() + " tensors, " + values + " values");
                text.flush();
            }
        }
    }
}
