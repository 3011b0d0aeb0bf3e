import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import djinn.ops.Autograd;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import djinn.zoo.nn.RegionOfInterest;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * RoIAlign of 512 boxes on four levels, forward and backward, to be timed in turns with regions.py, which says the sizes.
 *
 * <p>java -Dai.djl.pytorch.num_threads=2 -cp 'cli/target/lib/*' docs/benchmarks/Regions.java [default|channels_last]; prints a
 * line of JSON.
 */
final class Regions {

    private static final int WARM_UP = 10;
    private static final int STEPS = 20;
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def gradients(y: Tensor, xs: List[Tensor], weight: Tensor) -> Tensor:
              weights = annotate(List[Optional[Tensor]], [weight])
              return unchecked_cast(Tensor, torch.autograd.grad([y], xs, weights, None, False, False)[0])
            """);
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    public static void main(String[] args) {
        boolean last = args.length > 0 && args[0].equals("channels_last");
        try (NDManager manager = PyTorch.newManager()) {
            NDList maps = new NDList();
            for (int i = 0; i < 4; i++) {
                NDArray map = manager.randomUniform(0, 1, new Shape(2, 256, 80 >> i, 80 >> i));
                maps.add(last ? MemoryFormat.CHANNELS_LAST.of(map) : map);
            }
            maps.forEach(map -> map.setRequiresGradient(true));
            NDArray boxes = manager.create(boxes(), new Shape(512, 5));
            NDArray weight = manager.randomUniform(0, 1, new Shape(512, 256, 7, 7));
            double[][] times = new double[4][STEPS];
            for (int i = -WARM_UP; i < STEPS; i++) {
                double[] one = step(manager, maps, boxes, weight);
                for (int t = 0; i >= 0 && t < 4; t++) {
                    times[t][i] = one[t];
                }
            }
            for (double[] each : times) {
                Arrays.sort(each);
            }
            System.out.printf(
                    Locale.ROOT,
                    "{\"layout\": \"%s\", \"forward_ms\": %.2f, \"backward_ms\": %.2f, \"forward_cpu_ms\": %.2f,"
                            + " \"backward_cpu_ms\": %.2f}%n",
                    last ? "channels_last" : "default",
                    times[0][STEPS / 2],
                    times[1][STEPS / 2],
                    times[2][STEPS / 2],
                    times[3][STEPS / 2]);
        }
    }

    /** Of both images: the index, x1, y1, x2, y2. */
    private static float[] boxes() {
        float[] boxes = new float[512 * 5];
        IntStream.range(0, 512).forEach(row -> {
            int n = row / 256;
            int i = row % 256;
            double side = 16 * Math.pow(300. / 16, i / 255.);
            double x = (i * 37 + n * 11) % 97 / 96. * (320 - side);
            double y = (i * 53 + n * 7) % 89 / 88. * (320 - side);
            double[] values = {n, x, y, x + side, y + side};
            for (int c = 0; c < 5; c++) {
                boxes[5 * row + c] = (float) values[c];
            }
        });
        return boxes;
    }

    private static double[] step(NDManager manager, NDList maps, NDArray boxes, NDArray weight) {
        try (NDManager own = manager.newSubManager();
                Autograd.Scope on = Autograd.withGradients()) {
            long begun = System.nanoTime();
            long cpu = SYSTEM.getProcessCpuTime();
            NDArray cut = RegionOfInterest.alignLevels(maps, boxes, List.of(4, 8, 16, 32), 7, 2, 112);
            long middle = System.nanoTime();
            long half = SYSTEM.getProcessCpuTime();
            NDArray gradient = SCRIPT.call("gradients", cut, maps, weight);
            long end = System.nanoTime();
            long done = SYSTEM.getProcessCpuTime();
            cut.attach(own);
            gradient.attach(own);
            return new double[] {
                (middle - begun) / 1e6, (end - middle) / 1e6, (half - cpu) / 1e6, (done - half) / 1e6
            };
        }
    }
}
