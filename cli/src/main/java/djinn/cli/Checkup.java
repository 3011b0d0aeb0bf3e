package djinn.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import com.sun.management.OperatingSystemMXBean;
import djinn.data.ImageDecoders;
import djinn.export.onnx.OnnxRuntime;
import djinn.ops.ProductSpeed;
import djinn.ops.PyTorch;
import djinn.ops.download.CacheFolder;
import djinn.tasks.Extensions;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What Djinn stands on, looked at part by part. */
final class Checkup {

    private static final double GB = 1e9;

    /** Below this a training of images is soon short of memory. */
    private static final long LITTLE_MEMORY = 2_000_000_000;

    /** Weights of one large network. */
    private static final long LITTLE_SPACE = 1_000_000_000;

    private static final long PLACES = 9;

    /** What a kernel may differ from one of float64, as a share of the largest value. */
    private static final double CLOSE = 1e-5;

    private final List<Part> parts = new ArrayList<>();

    /** How a part is. */
    enum State {
        /** All is well. */
        OK,
        /** It works, and could be better. */
        NOTE,
        /** It does not work. */
        BAD
    }

    /**
     * A part.
     *
     * @param state how it is
     * @param name what it is called
     * @param found what there is
     * @param advice what to do; empty if nothing
     */
    record Part(State state, String name, String found, String advice) {}

    private Checkup() {}

    /** Looks at everything. */
    static List<Part> run() {
        Checkup checkup = new Checkup();
        checkup.java();
        checkup.names();
        checkup.memory();
        checkup.engine();
        checkup.onnxRuntime();
        checkup.jpegs();
        checkup.drawing();
        checkup.cache();
        checkup.extensions();
        return List.copyOf(checkup.parts);
    }

    private void add(State state, String name, String found, String advice) {
        parts.add(new Part(state, name, found, advice));
    }

    private void java() {
        add(
                State.OK,
                "Java",
                Runtime.version() + " (" + System.getProperty("java.vendor") + "), " + System.getProperty("os.name")
                        + " " + System.getProperty("os.arch") + ", in " + System.getProperty("java.home"),
                "");
    }

    private void names() {
        String encoding = System.getProperty("sun.jnu.encoding");
        boolean all = Charset.forName(encoding).newEncoder().canEncode('\u4e16');
        add(
                all ? State.OK : State.NOTE,
                "file names",
                "in " + encoding,
                all ? "" : "names with letters beyond it cannot be opened; start with LC_ALL=C.UTF-8");
    }

    private void memory() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long free = system.getFreeMemorySize();
        add(
                free < LITTLE_MEMORY ? State.NOTE : State.OK,
                "memory",
                gigabytes(system.getTotalMemorySize()) + ", " + gigabytes(free)
                        + " of it free; Java's own part grows to "
                        + gigabytes(Runtime.getRuntime().maxMemory()),
                free < LITTLE_MEMORY
                        ? "arrays lie outside of Java's part: close other programs, or train smaller batches"
                        : "");
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / GB);
    }

    private void engine() {
        try (NDManager manager = PyTorch.newManager()) {
            int gpus = PyTorch.engine().getGpuCount();
            add(
                    State.OK,
                    "PyTorch",
                    PyTorch.engine().getVersion() + ", " + PyTorch.threads() + " threads of "
                            + Runtime.getRuntime().availableProcessors() + " processors, "
                            + (gpus == 0 ? "no CUDA device" : gpus + " CUDA devices"),
                    "");
            double error = convolutionError(manager);
            List<String> notes = PyTorch.notes();
            String slow = String.join("; ", notes);
            boolean right = error < CLOSE;
            add(
                    right ? notes.isEmpty() ? State.OK : State.NOTE : State.BAD,
                    "convolutions",
                    String.format(Locale.ROOT, "differ from exact ones by %.0e of the largest value", error),
                    right
                            ? slow
                            : "this processor's kernels are wrong: ONEDNN_MAX_CPU_ISA=SSE41 before djinn avoids them");
            precisions();
        } catch (RuntimeException | LinkageError e) {
            add(
                    State.BAD,
                    "PyTorch",
                    "does not start: " + e,
                    "expected Linux on x86-64 or ARM, macOS on ARM, or Windows on x86-64, and the pytorch-native jar of it"
                            + " beside djinn.jar; build on this machine");
        }
    }

    private void precisions() {
        ProductSpeed speed = ProductSpeed.on(PyTorch.device());
        boolean slow = speed.isBf16Slower();
        add(
                slow ? State.NOTE : State.OK,
                "bf16",
                speed.words(),
                slow ? "recipes that ask for bf16 train faster with --set train.precision=fp32" : "");
    }

    /** Of extents that fill no whole vector of a processor. */
    private static double convolutionError(NDManager manager) {
        NDArray x = manager.randomNormal(new Shape(2, 17, PLACES, PLACES));
        NDArray w = manager.randomNormal(new Shape(5, 17, 3, 3));
        Shape one = new Shape(1, 1);
        NDArray quick = Conv2d.conv2d(x, w, null, one, one).singletonOrThrow();
        NDArray exact = Conv2d.conv2d(
                        x.toType(DataType.FLOAT64, true), w.toType(DataType.FLOAT64, true), null, one, one)
                .singletonOrThrow();
        NDArray difference =
                quick.toType(DataType.FLOAT64, true).sub(exact).abs().max();
        return difference.getDouble() / exact.abs().max().getDouble();
    }

    private void onnxRuntime() {
        try {
            add(State.OK, "ONNX Runtime", OnnxRuntime.environment().getVersion(), "");
        } catch (RuntimeException | LinkageError e) {
            add(
                    State.BAD,
                    "ONNX Runtime",
                    "does not start: " + e,
                    "exports are not checked and .onnx files not opened here; training goes on without it");
        }
    }

    private void jpegs() {
        boolean slow = ImageDecoders.areSystemJpegs().filter(system -> !system).isPresent();
        add(
                slow ? State.NOTE : State.OK,
                "JPEG decoder",
                slow ? "the one that comes with Java" : "the system's libjpeg, or one that cannot be told",
                slow ? "a Java of Debian, Ubuntu or Fedora decodes in half the time, with libjpeg-turbo" : "");
    }

    private void drawing() {
        try {
            BufferedImage image = new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = image.createGraphics();
            graphics.drawString("djinn", 0, 15);
            graphics.dispose();
            add(State.OK, "pictures", "can be drawn", "");
        } catch (RuntimeException | LinkageError e) {
            add(
                    State.NOTE,
                    "pictures",
                    "cannot be drawn: " + e,
                    "install a Java with its desktop module, and fonts (Debian: fontconfig fonts-dejavu-core)");
        }
    }

    private void cache() {
        Path folder = CacheFolder.ofUser();
        try {
            Path there = folder;
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent();
            }
            long free = Files.getFileStore(there).getUsableSpace();
            boolean writable = Files.isWritable(there);
            add(
                    !writable ? State.BAD : free < LITTLE_SPACE ? State.NOTE : State.OK,
                    "downloads",
                    "to " + folder + ", " + gigabytes(free) + " free",
                    !writable
                            ? there + " cannot be written; DJINN_CACHE names another folder"
                            : free < LITTLE_SPACE ? "little space is left; DJINN_CACHE names another folder" : "");
        } catch (IOException e) {
            add(State.BAD, "downloads", folder + ": " + e, "DJINN_CACHE names another folder");
        }
    }

    private void extensions() {
        String joined = Extensions.all().stream()
                .map(extension -> extension.getClass().getName())
                .collect(Collectors.joining(", "));
        add(State.OK, "extensions", joined.isEmpty() ? "none; DJINN_EXTENSIONS names jars" : joined, "");
    }
}
