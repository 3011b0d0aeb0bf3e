package djinn.zoo.language;

/** A linear layer, as a function for the scripts of steps: one token of one text is a vector, whose product costs less. */
final class StepLinear {

    /** Defines {@code self.linear(x, w, b)}: x (in) or (N, T, in), w (out, in), b (out). */
    static final String TEXT = """
            def linear(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
              if torch.eq(torch.dim(x), 1):
                y = torch.addmv(b, w, x)
              else:
                y = torch.linear(x, w, b)
              return y

            """;

    private StepLinear() {}
}
