import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.losses.detection.BoxTargets;
import djinn.losses.detection.GivenRegionLoss;
import djinn.losses.detection.RegionLoss;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorOptions;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.FasterRcnn;
import djinn.zoo.detection.RegionDetector;
import djinn.zoo.detection.Regions;
import djinn.zoo.nn.Pass;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What R-CNN costs beside Fast R-CNN: the same proposals, the same backbone, images of 320x320. A training step is of 128
 * regions of two images, as in both papers; a test of one image and all its proposals. The networks take turns.
 *
 * <p>java -cp 'cli/target/lib/*' docs/benchmarks/RegionsCost.java [BACKBONE] [PROPOSALS] [TURNS]; resnet18, 2000 and 5 if
 * left out.
 */
final class RegionsCost {

    private static final int SIDE = 320;
    private static final List<String> MODELS = List.of("fast_rcnn", "rcnn");

    public static void main(String[] args) {
        String backbone = args.length > 0 ? args[0] : "resnet18";
        int proposals = args.length > 1 ? Integer.parseInt(args[1]) : 2000;
        int turns = args.length > 2 ? Integer.parseInt(args[2]) : 5;
        Randomness.seed(1);
        try (NDManager manager = PyTorch.newManager()) {
            List<RegionDetector> models = MODELS.stream()
                    .map(name -> (RegionDetector) Detectors.named(name).build(new DetectorOptions(3, Optional.of(backbone))))
                    .toList();
            models.forEach(model -> model.initialize(manager));
            double[][] training = new double[MODELS.size()][turns];
            double[][] test = new double[MODELS.size()][turns];
            for (int turn = -1; turn < turns; turn++) {
                for (int i = 0; i < MODELS.size(); i++) {
                    double step = step(models.get(i), proposals);
                    double look = look(models.get(i), proposals);
                    if (turn >= 0) {
                        training[i][turn] = step;
                        test[i][turn] = look;
                    }
                }
            }
            for (int i = 0; i < MODELS.size(); i++) {
                System.out.printf(
                        Locale.ROOT,
                        "%s: training step %.0f ms, test of an image %.0f ms%n",
                        MODELS.get(i),
                        median(training[i]),
                        median(test[i]));
            }
            System.out.printf(
                    Locale.ROOT,
                    "R-CNN takes %.1f times as long to train and %.1f times to test%n",
                    median(training[1]) / median(training[0]),
                    median(test[1]) / median(test[0]));
        }
    }

    private static double median(double[] times) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static NDArray regions(NDManager manager, int images, int each) {
        SplittableRandom random = new SplittableRandom(2);
        float[] regions = new float[5 * images * each];
        for (int i = 0; i < images * each; i++) {
            double width = 16 + random.nextDouble() * (SIDE - 16);
            double height = 16 + random.nextDouble() * (SIDE - 16);
            double x = random.nextDouble() * (SIDE - width);
            double y = random.nextDouble() * (SIDE - height);
            regions[5 * i] = i / each;
            regions[5 * i + 1] = (float) x;
            regions[5 * i + 2] = (float) y;
            regions[5 * i + 3] = (float) (x + width);
            regions[5 * i + 4] = (float) (y + height);
        }
        return manager.create(regions, new Shape((long) images * each, 5));
    }

    private static double look(Detector model, int proposals) {
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDArray image = owner.randomNormal(new Shape(1, 3, SIDE, SIDE));
            NDArray regions = regions(owner, 1, proposals);
            long begun = System.nanoTime();
            model.forward(image, Regions.given(regions), new Pass(new ParameterStore(owner, false), false))
                    .get(2)
                    .sum()
                    .getFloat();
            return (System.nanoTime() - begun) / 1e6;
        }
    }

    private static double step(RegionDetector model, int proposals) {
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDList parameters = new NDList();
            for (Parameter parameter : model.getParameters().values()) {
                if (parameter.requiresGradient()) {
                    parameter.getArray().setRequiresGradient(true);
                    parameters.add(parameter.getArray());
                }
            }
            NDArray images = owner.randomNormal(new Shape(2, 3, SIDE, SIDE));
            NDArray regions = regions(owner, 2, proposals);
            float[] objects = {20, 30, 150, 160, 100, 100, 300, 310, 200, 10, 260, 60};
            BoxTargets targets = new BoxTargets(
                    owner.create(objects, new Shape(3, 4)), owner.create(new long[] {0, 1, 2}));
            List<BoxTargets> both = List.of(targets, targets);
            boolean isFast = model.getClass().getSimpleName().equals("FastRcnn");
            GivenRegionLoss fast = new GivenRegionLoss();
            RegionLoss crops = new RegionLoss(.5, .5, 64, .25);
            long begun = System.nanoTime();
            NDList heads = model.forward(
                    images,
                    (given, stage) -> isFast ? fast.choose(regions, both) : crops.choose(regions, both),
                    new Pass(new ParameterStore(owner, false), true));
            FasterRcnn.Look look = model.look(heads);
            NDArray loss = (isFast
                            ? fast.apply(look.regions(), look.logits(), look.codes(), both)
                            : crops.apply(look.regions(), look.logits(), look.codes(), both))
                    .values().stream()
                    .reduce(NDArray::add)
                    .orElseThrow();
            try (Gradients gradients = Gradients.of(loss, parameters, owner)) {
                gradients.arrays().get(0).sum().getFloat();
            }
            return (System.nanoTime() - begun) / 1e6;
        }
    }
}
