package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;

/**
 * A convolution whose window takes its elements from shifted, fractional positions (Dai et al. 2017), each scaled by a
 * mask in the second version (Zhu et al. 2019): (N, inChannels, H, W) to (N, outChannels, H', W').
 *
 * <p>Offsets are (N, 2 G kh kw, H', W'): for each of G offset groups and each window element, row by row, the vertical
 * then the horizontal shift in input pixels; the channels are split evenly among the offset groups. The mask is (N, G
 * kh kw, H', W'). Values between pixels are bilinear, zero outside. Numbers equal torchvision's {@code DeformConv2d};
 * gradients flow to the input, the offsets, the mask and the weights.
 *
 * <p>State: {@code weight} (outChannels, inChannels / groups, kernel), {@code bias} (outChannels) if there is one.
 */
public final class DeformConv2d extends NamedBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def positions(like: Tensor, count: int, step: int, start: int) -> Tensor:
          return torch.add(torch.mul(torch.arange(count, dtype=6, device=ops.prim.device(like)), step), start)

        def convolve(x: Tensor, offset: Tensor, mask: Optional[Tensor], weight: Tensor, bias: Optional[Tensor], stride: List[int], padding: List[int], dilation: List[int], groups: int) -> Tensor:
          n, c, h, w = torch.size(x)
          out_c, in_c, kh, kw = torch.size(weight)
          oh = torch.size(offset, 2)
          ow = torch.size(offset, 3)
          k = kh * kw
          g = torch.floordiv(torch.size(offset, 1), 2 * k)
          # where the plain convolution would look
          y0 = self.positions(x, oh, stride[0], -padding[0])
          x0 = self.positions(x, ow, stride[1], -padding[1])
          ky = self.positions(x, kh, dilation[0], 0)
          kx = self.positions(x, kw, dilation[1], 0)
          ys = torch.add(torch.view(ky, [kh, 1, 1, 1]), torch.view(y0, [1, 1, oh, 1]))
          xs = torch.add(torch.view(kx, [1, kw, 1, 1]), torch.view(x0, [1, 1, 1, ow]))
          ys = torch.reshape(torch.expand(ys, [kh, kw, oh, ow]), [1, k, oh, ow])
          xs = torch.reshape(torch.expand(xs, [kh, kw, oh, ow]), [1, k, oh, ow])
          shifts = torch.reshape(offset, [n * g, k, 2, oh, ow])
          ys = torch.add(torch.select(shifts, 2, 0), ys)
          xs = torch.add(torch.select(shifts, 2, 1), xs)
          # the grid of grid_sample: -1 to 1 from outer edge to outer edge
          gy = torch.sub(torch.div(torch.add(torch.mul(ys, 2.), 1.), float(h)), 1.)
          gx = torch.sub(torch.div(torch.add(torch.mul(xs, 2.), 1.), float(w)), 1.)
          grid = torch.reshape(torch.stack([gx, gy], -1), [n * g, k * oh, ow, 2])
          maps = torch.reshape(x, [n * g, torch.floordiv(c, g), h, w])
          columns = torch.grid_sampler_2d(maps, torch.type_as(grid, maps), 0, 0, False)
          columns = torch.reshape(columns, [n, g, torch.floordiv(c, g), k, oh * ow])
          if mask is not None:
            m = unchecked_cast(Tensor, mask)
            columns = torch.mul(columns, torch.reshape(m, [n, g, 1, k, oh * ow]))
          columns = torch.reshape(columns, [n, groups, in_c * k, oh * ow])
          kernel = torch.reshape(weight, [1, groups, torch.floordiv(out_c, groups), in_c * k])
          y = torch.reshape(torch.matmul(kernel, columns), [n, out_c, oh, ow])
          if bias is not None:
            b = unchecked_cast(Tensor, bias)
            y = torch.add(y, torch.view(b, [1, out_c, 1, 1]))
          return y
        """);

    private final Window window;
    private final int groups;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * A deformable convolution with a bias, in one group.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     */
    public DeformConv2d(int inChannels, int outChannels, Window window) {
        this(inChannels, outChannels, window, 1, true);
    }

    /**
     * A deformable convolution.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     * @param groups the number of channel groups of the weight; divides both
     * @param bias whether a bias is added
     * @throws IllegalArgumentException if groups does not divide the channels
     */
    public DeformConv2d(int inChannels, int outChannels, Window window, int groups, boolean bias) {
        if (groups < 1 || inChannels < 1 || outChannels < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new IllegalArgumentException("expected channels of at least 1 and multiples of the groups, got "
                    + inChannels + " to " + outChannels + " in " + groups + " groups");
        }
        this.window = window;
        this.groups = groups;
        Initializer start =
                Initializers.torchDefault(inChannels / groups * window.kernel().size());
        weight = parameter(
                "weight",
                Parameter.Type.WEIGHT,
                start,
                outChannels,
                inChannels / groups,
                window.kernel().get(0),
                window.kernel().get(1));
        this.bias = bias ? parameter("bias", Parameter.Type.BIAS, start, outChannels) : null;
    }

    /**
     * Convolves.
     *
     * @param x (N, inChannels, H, W)
     * @param offset the shifts, (N, 2 G kh kw, H', W')
     * @param mask the scales, (N, G kh kw, H', W'); null for the first version
     * @param pass the pass
     * @return (N, outChannels, H', W')
     * @throws IllegalArgumentException if the offsets or the mask have another shape
     */
    public NDArray forward(NDArray x, NDArray offset, NDArray mask, Pass pass) {
        Shape given = offset.getShape();
        long elements = window.kernel().size();
        long height = extent(x, 0);
        long width = extent(x, 1);
        long offsetGroups = given.dimension() == 4 ? given.get(1) / (2 * elements) : 0;
        if (offsetGroups == 0
                || x.getShape().get(1) % offsetGroups != 0
                || !given.equals(new Shape(x.getShape().get(0), 2 * elements * offsetGroups, height, width))) {
            throw new IllegalArgumentException(
                    "expected offsets (" + x.getShape().get(0) + ", " + 2 * elements + " G, " + height + ", " + width
                            + ") with G a divisor of the channels, got " + given);
        }
        if (mask != null && !mask.getShape().equals(new Shape(given.get(0), elements * offsetGroups, height, width))) {
            throw new IllegalArgumentException(
                    "expected a mask of half the offsets' channels, got " + mask.getShape() + " and offsets " + given);
        }
        return SCRIPT.call(
                "convolve",
                x,
                offset,
                mask,
                pass.value(weight, x),
                pass.value(bias, x),
                window.stride().getShape(),
                window.padding().getShape(),
                window.dilation().getShape(),
                groups);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 2 && inputs.size() != 3) {
            throw new IllegalArgumentException("expected an input, offsets and maybe a mask, got " + inputs.size());
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), inputs.size() == 3 ? inputs.get(2) : null, pass));
    }

    private long extent(NDArray x, int axis) {
        long covered = window.dilation().get(axis) * (window.kernel().get(axis) - 1) + 1;
        return (x.getShape().get(2 + axis) + 2 * window.padding().get(axis) - covered)
                        / window.stride().get(axis)
                + 1;
    }
}
