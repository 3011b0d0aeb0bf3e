package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.BoxCoder;
import djinn.ops.BoxSelection;
import djinn.ops.TorchScript;
import djinn.ops.TracedArray;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Faster R-CNN: a small network proposes regions on every level of a feature pyramid, and a second one looks at each of
 * them, tells its class and corrects its box.
 *
 * <p>Ren et al. 2015, figure 2, on the pyramid of Lin et al. 2017, "Feature pyramid networks", section 4; both stages are
 * trained together. Images (N, 3, H, W), H and W multiples of 32, to, of each level i, {@code rpn.objectness.i} (N, each,
 * H, W) and {@code rpn.deltas.i} (N, 4 each, H, W), further {@code rpn.anchors} (A, 4), {@code roi.proposals} (R, 5),
 * which are the image's index and x1, y1, x2, y2, {@code roi.class_logits} (R, K + 1), the background's first, and {@code
 * roi.box_deltas} (R, 4 (K + 1)). {@code fasterrcnn_resnet50_fpn} and {@code fasterrcnn_mobilenet_v3_large_fpn} are
 * compatible with torchvision's, and so is {@code fasterrcnn_mobilenet_v3_large_320_fpn}, the latter with fewer proposals; deviations, as there: regions are cut out by bilinear samples, not by maxima. The small
 * one, {@code faster_rcnn}, is on any backbone with maps of strides 8, 16 and 32, with 96 channels, 256 in the second
 * stage, and fewer proposals. Proposals are selected outside the graph: it cannot be traced.
 */
public final class FasterRcnn extends Detector implements Headed {

    static List<DetectorEntry> entries() {
        String paper = "Ren et al. 2015, Faster R-CNN, figure 2";
        return List.of(
                new DetectorEntry(
                        "fasterrcnn_resnet50_fpn",
                        800,
                        90,
                        paper,
                        options -> resnet50(options.backbone().orElse("resnet50"), options.classes()),
                        List.of(),
                        true),
                new DetectorEntry(
                        "fasterrcnn_mobilenet_v3_large_fpn",
                        800,
                        90,
                        paper,
                        options -> mobileNetV3(2000, 1000, options.classes()),
                        List.of(),
                        false),
                new DetectorEntry(
                        "fasterrcnn_mobilenet_v3_large_320_fpn",
                        320,
                        90,
                        paper,
                        options -> mobileNetV3(2000, 150, options.classes()),
                        List.of(),
                        false),
                new DetectorEntry(
                        "faster_rcnn",
                        320,
                        90,
                        paper,
                        options -> small(options.backbone().orElse("mobilenet_v2"), options.classes()),
                        List.of(),
                        true));
    }

    private static final List<Double> RATIOS = List.of(.5, 1., 2.);
    private static final double OVERLAP = .7;

    /** torchvision's on ResNet-50, or on a backbone with maps of strides 4, 8, 16 and 32. */
    private static FasterRcnn resnet50(String backbone, int classes) {
        PyramidTrunk trunk = PyramidTrunk.pooled(backbone, List.of(4, 8, 16, 32), 256);
        List<List<Double>> sizes = List.of(List.of(32.), List.of(64.), List.of(128.), List.of(256.), List.of(512.));
        return new FasterRcnn(
                trunk,
                256,
                new AnchorGenerator(sizes, RATIOS),
                new ProposalSelection(2000, OVERLAP, 2000, 0),
                new ProposalSelection(1000, OVERLAP, 1000, 0),
                224,
                1024,
                classes);
    }

    /** torchvision's on the large MobileNetV3: two maps of stride 32 and one of 64. */
    private static FasterRcnn mobileNetV3(int inTraining, int inUse, int classes) {
        List<Double> all = List.of(32., 64., 128., 256., 512.);
        return new FasterRcnn(
                PyramidTrunk.mobileNetV3(256),
                256,
                new AnchorGenerator(List.of(all, all, all), RATIOS),
                new ProposalSelection(inTraining, OVERLAP, inTraining, .05),
                new ProposalSelection(inUse, OVERLAP, inUse, .05),
                224,
                1024,
                classes);
    }

    private static FasterRcnn small(String backbone, int classes) {
        List<List<Double>> sizes = IntStream.of(24, 48, 96, 192)
                .mapToObj(side -> List.of((double) side, side * Math.sqrt(2)))
                .toList();
        return new FasterRcnn(
                PyramidTrunk.pooled(backbone, List.of(8, 16, 32), 96),
                96,
                new AnchorGenerator(sizes, RATIOS),
                new ProposalSelection(1000, OVERLAP, 500, 0),
                new ProposalSelection(500, OVERLAP, 300, 0),
                112,
                256,
                classes);
    }

    private static final int SIDE = 7;
    private static final int SAMPLES = 2;

    /** What follows the heads of the levels: anchors, regions, logits and codes. */
    private static final int LAST = 4;

    /** torchvision tells no box with a side below, in pixels. */
    private static final double SMALLEST = 1e-2;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def corners(regions: Tensor) -> Tensor:
              return torch.unsqueeze(torch.slice(regions, 1, 1, 5), 1)

            def scores(logits: Tensor, boxes: Tensor, smallest: float) -> Tensor:
              sides = torch.sub(torch.slice(boxes, -1, 2, 4), torch.slice(boxes, -1, 0, 2))
              area = torch.all(torch.ge(sides, smallest), -1)
              return torch.mul(torch.slice(torch.softmax(logits, -1), 1, 1), torch.type_as(area, logits))

            def put(x: Tensor, places: Tensor, rows: int) -> Tensor:
              empty = torch.zeros_like(torch.select(x, 0, 0))
              all = torch.repeat(torch.reshape(empty, [1, -1]), [rows, 1])
              return torch.index_copy(all, 0, places, torch.flatten(x, 1))
            """);

    private final int classes;
    private final int each;
    private final AnchorGenerator generator;
    private final ProposalSelection training;
    private final ProposalSelection use;
    private final PyramidRegions cutting;
    private final PyramidTrunk backbone;
    private final RegionProposals rpn;
    private final BoxHead roi;

    private FasterRcnn(
            PyramidTrunk trunk,
            int width,
            AnchorGenerator generator,
            ProposalSelection training,
            ProposalSelection use,
            double usual,
            int hidden,
            int classes) {
        this.classes = classes;
        this.generator = generator;
        this.training = training;
        this.use = use;
        each = generator.each();
        List<Integer> strides = trunk.strides();
        cutting = new PyramidRegions(strides.subList(0, strides.size() - 1), SIDE, SAMPLES, usual);
        backbone = child("backbone", trunk);
        rpn = child("rpn", new RegionProposals(width, each));
        roi = child("roi_heads", new BoxHead(width, SIDE, hidden, classes));
    }

    /**
     * What the two stages gave, as losses want it.
     *
     * @param objectness (N, A, 1) logits of the anchors
     * @param proposalCodes (N, A, 4) from the anchors to the proposals
     * @param anchors (A, 4) x1, y1, x2, y2
     * @param regions (R, 5) that the second looked at: the image's index, x1, y1, x2, y2
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4 (K + 1)) from the regions to the boxes of each class, the background's too, in the weights of
     *     {@link BoxCoder#SSD}
     */
    public record Stages(
            NDArray objectness,
            NDArray proposalCodes,
            NDArray anchors,
            NDArray regions,
            NDArray logits,
            NDArray codes) {}

    @Override
    public NDList forward(NDArray images, Pass pass) {
        return forward(images, Regions.PROPOSED, pass);
    }

    @Override
    public NDList forward(NDArray images, Regions regions, Pass pass) {
        if (images instanceof TracedArray) {
            throw new IllegalArgumentException("a detector of two stages selects its proposals outside the graph, and"
                    + " cannot be traced or exported yet; use its weights, or train a detector of one stage");
        }
        NDList maps = backbone.forward(images, pass); // (N, C, H / stride, W / stride)
        NDList heads = rpn.forward(maps, pass); // (N, each, H, W) and (N, 4 each, H, W) of each
        NDArray chosen;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            chosen = regions.chosen(propose(heads, images, pass), 0); // (R, 5)
        }
        heads.add(chosen);
        NDArray cut = cutting.cut(maps, chosen); // (R, C, 7, 7)
        heads.addAll(roi.forward(cut, pass)); // (R, K + 1), (R, 4 (K + 1))
        return heads;
    }

    /** (R, 5); the anchors are added to the heads. */
    private NDArray propose(NDList heads, NDArray images, Pass pass) {
        Shape shape = images.getShape();
        int height = Math.toIntExact(shape.get(2));
        int width = Math.toIntExact(shape.get(3));
        List<Grid> grids = PyramidTrunk.grids(backbone.strides(), height, width);
        NDArray anchors = generator
                .anchors(images.getManager(), grids, height, width)
                .toDevice(images.getDevice(), false)
                .toType(images.getDataType(), false);
        NDList objectness = rows(heads, 0, heads.size());
        NDList codes = rows(heads, 1, heads.size());
        heads.add(anchors);
        return (pass.training() ? training : use).select(objectness, codes, anchors, height, width);
    }

    /** (N, each D, H, W) of every second head to (N, A, D). */
    private NDList rows(NDList heads, int first, int end) {
        NDList rows = new NDList();
        for (int i = first; i < end; i += 2) {
            rows.add(Heads.rows(heads.get(i), each));
        }
        return rows;
    }

    /** Tells the heads apart. */
    public Stages stages(NDList heads) {
        int levels = heads.size() - LAST;
        return new Stages(
                NDArrays.concat(rows(heads, 0, levels), 1),
                NDArrays.concat(rows(heads, 1, levels), 1),
                heads.get(levels),
                heads.get(levels + 1),
                heads.get(levels + 2),
                heads.get(levels + 3));
    }

    @Override
    public List<String> headNames() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < backbone.strides().size(); i++) {
            names.add("rpn.objectness." + i);
            names.add("rpn.deltas." + i);
        }
        names.addAll(List.of("rpn.anchors", "roi.proposals", "roi.class_logits", "roi.box_deltas"));
        return names;
    }

    /** (R, K + 1, 4), the background's first; they may reach beyond the image. */
    static NDArray boxes(NDArray regions, NDArray codes) {
        long rows = regions.getShape().get(0);
        return BoxCoder.SSD.decode(
                codes.reshape(rows, codes.getShape().get(1) / 4, 4), SCRIPT.call("corners", regions));
    }

    /** Images with fewer regions than others get some of score 0. */
    @Override
    public Decoded decode(NDList heads, int height, int width) {
        NDArray regions = heads.get(heads.size() - 3);
        NDArray logits = heads.get(heads.size() - 2);
        int images = Math.toIntExact(heads.get(0).getShape().get(0));
        if (regions.getShape().get(0) == 0) {
            return new Decoded(
                    logits.getManager().zeros(new Shape(images, 1, classes, 4), logits.getDataType()),
                    logits.getManager().zeros(new Shape(images, 1, classes), logits.getDataType()));
        }
        NDArray boxes =
                Heads.clip(boxes(regions, heads.get(heads.size() - 1)).get(":, 1:"), height, width); // (R, K, 4)
        NDArray scores = SCRIPT.call("scores", logits, boxes, SMALLEST); // (R, K)
        long[] owners = regions.get(":, 0").toType(DataType.INT64, false).toLongArray();
        int[] counts = new int[images];
        long[] rowOf = new long[owners.length];
        for (int i = 0; i < owners.length; i++) {
            rowOf[i] = counts[(int) owners[i]]++;
        }
        int most = IntStream.of(counts).max().orElseThrow();
        for (int i = 0; i < owners.length; i++) {
            rowOf[i] += owners[i] * most;
        }
        NDArray places = logits.getManager().create(rowOf).toDevice(logits.getDevice(), false); // (R)
        long rows = (long) images * most;
        return new Decoded(
                SCRIPT.call("put", boxes, places, rows).reshape(images, most, classes, 4),
                SCRIPT.call("put", scores, places, rows).reshape(images, most, classes));
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int multiple() {
        return 32;
    }

    @Override
    protected BoxSelection selection() {
        return new BoxSelection(.05, Integer.MAX_VALUE, .5, 100);
    }

    @Override
    public String head() {
        return "roi_heads.box_predictor";
    }
}
