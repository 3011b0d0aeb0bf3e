package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.BoxCoder;
import djinn.ops.TorchScript;
import djinn.zoo.nn.RegionOfInterest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts regions out of a pyramid, each out of the map that suits its size (Lin et al. 2017, "Feature pyramid networks",
 * equation 1), as torchvision's {@code MultiScaleRoIAlign}.
 *
 * @param strides of the maps, powers of two, the finest first
 * @param side height and width of what is cut out
 * @param samples of a cell in each direction
 * @param usual the side, in pixels, of a region that is cut out of the map of stride 16
 */
record PyramidRegions(List<Integer> strides, int side, int samples, double usual) {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def levels(regions: Tensor, least: int, most: int, usual: float) -> Tensor:
              sides = torch.sub(torch.slice(regions, 1, 3, 5), torch.slice(regions, 1, 1, 3))
              size = torch.log2(torch.div(torch.sqrt(torch.prod(sides, 1)), usual))
              level = torch.floor(torch.add(torch.add(size, 4.), 1e-6))
              return torch.sub(torch.to(torch.clamp(level, float(least), float(most)), 4), least)

            def of_level(levels: Tensor, level: int) -> Tensor:
              return torch.flatten(torch.nonzero(torch.eq(levels, level)))

            def pick(x: Tensor, rows: Tensor) -> Tensor:
              return torch.index_select(x, 0, rows)

            def in_order(x: Tensor, rows: Tensor) -> Tensor:
              return torch.index_select(x, 0, torch.argsort(rows))
            """);

    PyramidRegions {
        strides = List.copyOf(strides);
    }

    /**
     * Cuts out.
     *
     * @param maps (N, C, H, W) each, the finest first; those beyond the strides are left alone
     * @param regions (R, 5)
     * @return (R, C, side, side)
     */
    NDArray cut(NDList maps, NDArray regions) {
        if (regions.getShape().get(0) == 0) {
            Shape shape = maps.get(0).getShape();
            return regions.getManager().zeros(new Shape(0, shape.get(1), side, side), regions.getDataType());
        }
        NDArray levels;
        NDList rows = new NDList();
        NDList cut = new NDList();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            levels = SCRIPT.call("levels", regions, level(0), level(strides.size() - 1), usual);
        }
        for (int i = 0; i < strides.size(); i++) {
            NDArray own;
            NDArray ofLevel;
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                own = SCRIPT.call("of_level", levels, i);
                ofLevel = SCRIPT.call("pick", regions, own);
            }
            if (own.size() > 0) {
                rows.add(own);
                cut.add(RegionOfInterest.align(maps.get(i), ofLevel, side, side, 1. / strides.get(i), samples, false));
            }
        }
        return rows.size() == 1 ? cut.get(0) : SCRIPT.call("in_order", NDArrays.concat(cut), NDArrays.concat(rows));
    }

    /**
     * Names what lies between images and heads as the references' records do.
     *
     * @param maps (N, C, H, W) each, the finest first
     * @param look what the second stage gave
     */
    Map<String, NDArray> inside(NDList maps, FasterRcnn.Look look) {
        Map<String, NDArray> named = new LinkedHashMap<>();
        for (int i = 0; i < maps.size(); i++) {
            named.put("feature." + (i == maps.size() - 1 ? "pool" : Integer.toString(i)), maps.get(i));
        }
        named.put("roi.pooled", cut(maps, look.regions()));
        named.put("roi.decoded_boxes", RegionBoxes.decode(look.regions(), look.codes(), BoxCoder.SSD));
        return named;
    }

    /** The power of two of a stride. */
    private int level(int at) {
        return Integer.numberOfTrailingZeros(strides.get(at));
    }
}
