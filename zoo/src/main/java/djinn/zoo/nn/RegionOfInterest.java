package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Cuts boxes out of feature maps at a fixed size, as {@code torchvision.ops.roi_align} and {@code roi_pool}.
 *
 * <p>Boxes are (K, 5): the index of the image in the batch, then x1, y1, x2, y2 in input pixels. Gradients flow to the
 * feature maps, not to the boxes. In a trace each is one operation; ONNX has one for it too, {@code RoiAlign} and {@code
 * MaxRoiPool}.
 */
public final class RegionOfInterest {

    /*
     * Both are sums or maxima of a few positions of the map per output, which is what embedding_bag computes without
     * ever holding the gathered values: the map is a table of N H W rows of C values. Rows must lie together: of others
     * each value is picked by itself, on one thread.
     */
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def rows(x: Tensor) -> Tensor:
          table = torch.reshape(torch.permute(x, [0, 2, 3, 1]), [-1, torch.size(x, 1)])
          return torch.contiguous(table)

        def count(like: Tensor, n: int) -> Tensor:
          return torch.arange(n, dtype=6, device=ops.prim.device(like))

        def bags(x: Tensor, table: Tensor, k: int, height: int, width: int) -> Tensor:
          return torch.permute(torch.reshape(table, [k, height, width, torch.size(x, 1)]), [0, 3, 1, 2])

        def axis(start: Tensor, extent: Tensor, bins: int, ratio: int, size: int) -> Tuple[Tensor, Tensor]:
          k = torch.size(start, 0)
          step = torch.view(torch.div(extent, bins), [k, 1, 1])
          samples = torch.full_like(step, ratio)
          if ratio <= 0:
            samples = torch.clamp_min(torch.ceil(step), 0.)
          most = 1
          if k > 0:
            most = int(torch.clamp_min(torch.max(samples), 1.))
          i = torch.view(self.count(start, most), [1, 1, most])
          p = torch.view(self.count(start, bins), [1, bins, 1])
          used = torch.clamp_min(samples, 1.)
          at = torch.add(torch.view(start, [k, 1, 1]), torch.mul(p, step))
          at = torch.add(at, torch.div(torch.mul(torch.add(i, 0.5), step), used))
          valid = torch.logical_and(torch.ge(at, -1.), torch.le(at, float(size)))
          valid = torch.logical_and(valid, torch.lt(i, samples))
          share = torch.div(torch.type_as(valid, at), used)
          at = torch.clamp(at, 0., float(size - 1))
          low = torch.floor(at)
          high = torch.clamp_max(torch.add(low, 1.), float(size - 1))
          upper = torch.sub(at, low)
          index = torch.to(torch.cat([low, high], 2), 4)
          weight = torch.cat([torch.mul(torch.rsub(upper, 1.), share), torch.mul(upper, share)], 2)
          return (index, weight)

        def djinn_roi_align(x: Tensor, boxes: Tensor, height: int, width: int, scale: float, ratio: int, aligned: bool) -> Tensor:
          n, c, h, w = torch.size(x)
          rois = torch.detach(boxes)
          k = torch.size(rois, 0)
          corners = torch.mul(torch.slice(rois, 1, 1, 5), scale)
          if aligned:
            corners = torch.sub(corners, 0.5)
          x1, y1, x2, y2 = torch.unbind(corners, 1)
          rw = torch.sub(x2, x1)
          rh = torch.sub(y2, y1)
          if not aligned:
            rw = torch.clamp_min(rw, 1.)
            rh = torch.clamp_min(rh, 1.)
          iy, wy = self.axis(y1, rh, height, ratio, h)
          ix, wx = self.axis(x1, rw, width, ratio, w)
          sy = torch.size(iy, 2)
          sx = torch.size(ix, 2)
          image = torch.view(torch.to(torch.select(rois, 1, 0), 4), [k, 1, 1, 1, 1])
          index = torch.add(torch.mul(image, h), torch.view(iy, [k, height, 1, sy, 1]))
          index = torch.add(torch.mul(index, w), torch.view(ix, [k, 1, width, 1, sx]))
          weight = torch.mul(torch.view(wy, [k, height, 1, sy, 1]), torch.view(wx, [k, 1, width, 1, sx]))
          flat = torch.reshape(index, [k * height * width, sy * sx])
          offsets = torch.mul(torch.arange(k * height * width, dtype=4, device=ops.prim.device(x)), sy * sx)
          scales = torch.reshape(torch.type_as(weight, x), [-1])
          out, a, b, d = torch.embedding_bag(self.rows(x), torch.reshape(flat, [-1]), offsets, False, 0, False, scales, False)
          return self.bags(x, out, k, height, width)

        def djinn_roi_align_levels(maps: List[Tensor], boxes: Tensor, strides: List[int], least: List[float], side: int, ratio: int) -> Tensor:
          rois = torch.detach(boxes)
          if torch.size(rois, 0) == 0:
            return torch.new_zeros(rois, [0, torch.size(maps[0], 1), side, side])
          x1, y1, x2, y2 = torch.unbind(torch.slice(rois, 1, 1, 5), 1)
          size = torch.sqrt(torch.mul(torch.sub(x2, x1), torch.sub(y2, y1)))
          at = torch.to(torch.ge(size, least[1]), 4)
          for i in range(2, torch.len(least)):
            at = torch.add(at, torch.to(torch.ge(size, least[i]), 4))
          rows = annotate(List[Tensor], [])
          cut = annotate(List[Tensor], [])
          for i in range(torch.len(strides)):
            own = torch.flatten(torch.nonzero(torch.eq(at, i)))
            if torch.size(own, 0) > 0:
              picked = torch.index_select(rois, 0, own)
              found = self.djinn_roi_align(maps[i], picked, side, side, 1. / strides[i], ratio, False)
              rows = torch.append(rows, own)
              cut = torch.append(cut, found)
          if torch.len(cut) == 1:
            return cut[0]
          return torch.index_select(torch.cat(cut, 0), 0, torch.argsort(torch.cat(rows, 0)))

        def span(start: Tensor, extent: Tensor, bins: int, size: int) -> Tuple[Tensor, Tensor]:
          k = torch.size(start, 0)
          step = torch.view(torch.div(extent, bins), [k, 1])
          p = torch.view(self.count(start, bins), [1, bins])
          origin = torch.view(start, [k, 1])
          low = torch.clamp(torch.add(torch.floor(torch.mul(p, step)), origin), 0., float(size))
          high = torch.clamp(torch.add(torch.ceil(torch.mul(torch.add(p, 1.), step)), origin), 0., float(size))
          most = 1
          if k > 0:
            most = int(torch.clamp_min(torch.max(torch.sub(high, low)), 1.))
          index = torch.add(torch.unsqueeze(low, 2), torch.view(self.count(start, most), [1, 1, most]))
          return (torch.to(index, 4), torch.lt(index, torch.unsqueeze(high, 2)))

        def djinn_roi_pool(x: Tensor, boxes: Tensor, height: int, width: int, scale: float) -> Tensor:
          n, c, h, w = torch.size(x)
          rois = torch.detach(boxes)
          k = torch.size(rois, 0)
          # halves are rounded away from zero, which torch.round does not do; exact in double
          exact = torch.to(torch.mul(torch.slice(rois, 1, 1, 5), scale), 7)
          rounded = torch.mul(torch.sign(exact), torch.floor(torch.add(torch.abs(exact), 0.5)))
          x1, y1, x2, y2 = torch.unbind(torch.type_as(rounded, rois), 1)
          rw = torch.clamp_min(torch.add(torch.sub(x2, x1), 1.), 1.)
          rh = torch.clamp_min(torch.add(torch.sub(y2, y1), 1.), 1.)
          iy, vy = self.span(y1, rh, height, h)
          ix, vx = self.span(x1, rw, width, w)
          sy = torch.size(iy, 2)
          sx = torch.size(ix, 2)
          image = torch.view(torch.to(torch.select(rois, 1, 0), 4), [k, 1, 1, 1, 1])
          index = torch.add(torch.mul(image, h), torch.view(iy, [k, height, 1, sy, 1]))
          index = torch.add(torch.mul(index, w), torch.view(ix, [k, 1, width, 1, sx]))
          valid = torch.logical_and(torch.view(vy, [k, height, 1, sy, 1]), torch.view(vx, [k, 1, width, 1, sx]))
          flat = torch.reshape(valid, [k * height * width, sy * sx])
          counts = torch.sum(flat, [1], False, dtype=4)
          offsets = torch.sub(torch.cumsum(counts, 0), counts)
          chosen = torch.masked_select(index, valid)
          out, a, b, d = torch.embedding_bag(self.rows(x), chosen, offsets, False, 2, False, None, False)
          return self.bags(x, out, k, height, width)
        """);

    /** The stride of the map that boxes of the usual side are cut out of. */
    private static final double USUAL_STRIDE = 16;

    /** The logarithm, to base 2, of how much below a map's least side a box may be, as in torchvision. */
    private static final double ROUNDING = 1e-6;

    private RegionOfInterest() {}

    /**
     * Averages bilinear samples in each cell of a grid over each box (He et al. 2017, RoIAlign).
     *
     * @param x (N, C, H, W)
     * @param boxes (K, 5), the dtype of x
     * @param height the rows of the grid
     * @param width the columns of the grid
     * @param scale feature pixels per input pixel: 1 / stride
     * @param samples the samples of a cell in each direction; 0 or less for one per feature pixel
     * @param aligned whether pixel centres lie at halves: boxes move by half a feature pixel, and small ones stay small
     * @return (K, C, height, width)
     * @throws IllegalArgumentException if x or boxes have another shape or the grid is empty
     */
    public static NDArray align(
            NDArray x, NDArray boxes, int height, int width, double scale, int samples, boolean aligned) {
        check(x, boxes, height, width);
        return SCRIPT.call("djinn_roi_align", x, boxes, height, width, scale, samples, aligned);
    }

    /**
     * Takes the maximum in each cell of a grid over each box, its corners rounded to pixels (Girshick 2015); an empty
     * cell is zero.
     *
     * @param x (N, C, H, W)
     * @param boxes (K, 5), the dtype of x
     * @param height the rows of the grid
     * @param width the columns of the grid
     * @param scale feature pixels per input pixel: 1 / stride
     * @return (K, C, height, width)
     * @throws IllegalArgumentException if x or boxes have another shape or the grid is empty
     */
    public static NDArray pool(NDArray x, NDArray boxes, int height, int width, double scale) {
        check(x, boxes, height, width);
        return SCRIPT.call("djinn_roi_pool", x, boxes, height, width, scale);
    }

    /**
     * Cuts each box out of the map of a pyramid that suits its size, by {@link #align} (Lin et al. 2017, "Feature pyramid
     * networks", equation 1), as torchvision's {@code MultiScaleRoIAlign}.
     *
     * @param maps (N, C, H, W) each, the finest first; those beyond the strides are left alone
     * @param boxes (K, 5), the dtype of the maps
     * @param strides of the maps, powers of two
     * @param side the rows and columns of the grid
     * @param samples of a cell in each direction
     * @param usual the side, in input pixels, of a box that is cut out of the map of stride 16
     * @return (K, C, side, side)
     * @throws IllegalArgumentException if maps or boxes have another shape or the grid is empty
     */
    public static NDArray alignLevels(
            NDList maps, NDArray boxes, List<Integer> strides, int side, int samples, double usual) {
        check(maps.get(0), boxes, side, side);
        if (strides.size() == 1) {
            return align(maps.get(0), boxes, side, side, 1. / strides.get(0), samples, false);
        }
        NDList used = new NDList(maps.subList(0, strides.size()));
        long[] ofMaps = strides.stream().mapToLong(Integer::longValue).toArray();
        double[] least = leastSides(strides, usual);
        return SCRIPT.call("djinn_roi_align_levels", used, boxes, ofMaps, least, side, samples);
    }

    /**
     * The sides from which on a box is of each map, the finest map's 0. Numbers to compare with, made once, in place of a
     * logarithm that is rounded: whoever computes the levels, in whatever library, has the same.
     */
    private static double[] leastSides(List<Integer> strides, double usual) {
        double[] least = new double[strides.size()];
        for (int i = 1; i < least.length; i++) {
            least[i] = usual * strides.get(i) / USUAL_STRIDE * Math.pow(2, -ROUNDING);
        }
        return least;
    }

    private static void check(NDArray x, NDArray boxes, int height, int width) {
        if (x.getShape().dimension() != 4
                || boxes.getShape().dimension() != 2
                || boxes.getShape().get(1) != 5
                || height < 1
                || width < 1) {
            throw new IllegalArgumentException(
                    "expected features (N, C, H, W), boxes (K, 5) and a grid of at least 1x1, got " + x.getShape()
                            + ", " + boxes.getShape() + " and " + height + "x" + width);
        }
    }
}
