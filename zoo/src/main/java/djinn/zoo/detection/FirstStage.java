package djinn.zoo.detection;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What small detectors of two stages have in common: a pyramid of 96 channels on a backbone with maps of strides 8, 16 and
 * 32, proposals of regions, and how these are cut out. Both blocks become their detector's children.
 *
 * @param trunk the pyramid, a map of stride 64 on top
 * @param proposals what proposes
 * @param cutting out of the maps but for that on top
 */
record FirstStage(PyramidTrunk trunk, RegionProposals proposals, PyramidRegions cutting) {

    /** Channels of the maps. */
    static final int WIDTH = 96;

    /** Height and width of what is cut out. */
    static final int SIDE = 7;

    /** Values of a hidden layer of the second stage. */
    static final int HIDDEN = 256;

    private static final double OVERLAP = .7;

    /** The anchors and numbers of proposals of small detectors, of maps of strides 8 to 64. */
    static RegionProposals.Rule smallRule() {
        List<List<Double>> sizes = IntStream.of(24, 48, 96, 192)
                .mapToObj(side -> List.of((double) side, side * Math.sqrt(2)))
                .toList();
        return new RegionProposals.Rule(
                new AnchorGenerator(sizes, List.of(.5, 1., 2.)),
                new ProposalSelection(1000, OVERLAP, 500, 0),
                new ProposalSelection(500, OVERLAP, 300, 0));
    }

    /** On any backbone with such maps. */
    static FirstStage small(String backbone) {
        PyramidTrunk trunk = PyramidTrunk.pooled(backbone, List.of(8, 16, 32), WIDTH);
        return new FirstStage(
                trunk,
                new RegionProposals(WIDTH, trunk.strides(), smallRule()),
                new PyramidRegions(trunk.strides().subList(0, trunk.strides().size() - 1), SIDE, 2, 112));
    }
}
