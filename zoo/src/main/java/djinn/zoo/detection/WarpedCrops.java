package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Regions of images, each warped to a square with a border of what is around it, 16 of 227 pixels wide (Girshick et al. 2014,
 * appendix A). Beyond the image there are zeros.
 *
 * @param side height and width of a crop
 */
record WarpedCrops(int side) {

    private static final double BORDER = 16. / 227;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def along(low: Tensor, high: Tensor, extent: int, size: int, factor: float) -> Tensor:
              centre = torch.unsqueeze(torch.div(torch.add(low, high), 2.), 1)
              half = torch.unsqueeze(torch.mul(torch.sub(high, low), torch.div(factor, 2.)), 1)
              steps = torch.arange(size, dtype=6, device=ops.prim.device(low))
              share = torch.sub(torch.div(torch.add(torch.mul(steps, 2.), 1.), size), 1.)
              at = torch.add(centre, torch.mul(half, torch.unsqueeze(share, 0)))
              return torch.sub(torch.div(torch.mul(at, 2.), extent), 1.)

            def crops(images: Tensor, i: int, regions: Tensor, first: int, last: int, size: int, factor: float) -> Tensor:
              n, c, h, w = torch.size(images)
              own = torch.slice(regions, 0, first, last)
              r = torch.size(own, 0)
              a, x1, y1, x2, y2 = torch.unbind(own, 1)
              x = torch.expand(torch.unsqueeze(self.along(x1, x2, w, size, factor), 1), [-1, size, -1])
              y = torch.expand(torch.unsqueeze(self.along(y1, y2, h, size, factor), 2), [-1, -1, size])
              grid = torch.type_as(torch.stack([x, y], -1), images)
              image = torch.expand(torch.slice(images, 0, i, torch.add(i, 1)), [r, -1, -1, -1])
              return torch.grid_sampler(image, grid, 0, 0, False)
            """);

    /**
     * Cuts out of one image, by bilinear samples.
     *
     * @param images (N, C, H, W)
     * @param image which
     * @param regions (R, 5)
     * @param first row of the regions
     * @param last row behind them
     * @return (last - first, C, side, side)
     */
    NDArray of(NDArray images, int image, NDArray regions, int first, int last) {
        double factor = side / (side - 2 * Math.rint(side * BORDER));
        return SCRIPT.call("crops", images, image, regions, first, last, side, factor);
    }
}
