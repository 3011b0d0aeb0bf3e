package djinn.losses;

import djinn.ops.Nearest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The losses by name: an explicit table. */
public final class Losses {

    /**
     * A loss.
     *
     * @param name in recipes, if the loss takes what a model answers and a target; else for reference
     * @param kind what it is for
     * @param formula what it computes
     * @param source author and year; empty for what needs none
     * @param type the record or enum
     */
    public record Entry(String name, String kind, String formula, String source, Class<?> type) {

        /** Returns whether a recipe can name it. */
        public boolean inRecipes() {
            return LossFunction.class.isAssignableFrom(type);
        }
    }

    private static final List<Entry> ENTRIES = List.of(
            entry("mse", "regression", "(x - y)^2", "", Mse.class),
            entry("rmse", "regression", "sqrt(mean((x - y)^2))", "", Rmse.class),
            entry("mae", "regression", "|x - y|", "", Mae.class),
            entry(
                    "smooth_l1",
                    "regression",
                    "d^2 / (2 beta) below beta, else d - beta / 2",
                    "Girshick 2015",
                    SmoothL1.class),
            entry("huber", "regression", "d^2 / 2 up to delta, else delta (d - delta / 2)", "Huber 1964", Huber.class),
            entry(
                    "cross_entropy",
                    "classification",
                    "-w_y log softmax(x)_y",
                    "Szegedy et al. 2016 (smoothing)",
                    CrossEntropy.class),
            entry("focal", "classification", "-alpha (1 - p_t)^gamma log p_t", "Lin et al. 2017", Focal.class),
            entry(
                    "sigmoid_focal",
                    "classification",
                    "-alpha_t (1 - p_t)^gamma log p_t, p = sigmoid(x)",
                    "Lin et al. 2017",
                    SigmoidFocal.class),
            entry(
                    "softmax_focal",
                    "classification",
                    "-alpha_y (1 - p_y)^gamma log p_y, p = softmax(x)",
                    "Lin et al. 2017",
                    SoftmaxFocal.class),
            entry(
                    "binary_cross_entropy",
                    "classification",
                    "-w (y log p + (1 - y) log(1 - p))",
                    "",
                    BinaryCrossEntropy.class),
            entry(
                    "binary_cross_entropy_with_logits",
                    "classification",
                    "-w (v y log p + (1 - y) log(1 - p)), p = sigmoid(x)",
                    "",
                    BinaryCrossEntropyWithLogits.class),
            entry(
                    "kl_divergence",
                    "classification",
                    "sum(p (log p - log softmax(x))) / N, p = softmax(y)",
                    "",
                    KlDivergence.class),
            entry(
                    "distillation",
                    "classification",
                    "T^2 KL(softmax(y / T) || softmax(x / T))",
                    "Hinton et al. 2015",
                    Distillation.class),
            entry(
                    "online_hard_examples",
                    "classification",
                    "mean of the hardest share of another loss",
                    "Shrivastava et al. 2016",
                    OnlineHardExamples.class),
            entry("weighted_sum", "any", "sum_i w_i loss_i(x, y)", "", WeightedSum.class),
            entry("dice", "segmentation", "1 - (2I + s) / (P + T + s)", "Milletari et al. 2016", Dice.class),
            entry("soft_iou", "segmentation", "1 - (I + s) / (P + T - I + s)", "Rahman and Wang 2016", SoftIou.class),
            entry(
                    "tversky",
                    "segmentation",
                    "1 - (I + s) / (I + alpha FP + beta FN + s)",
                    "Salehi et al. 2017",
                    Tversky.class),
            entry(
                    "multiclass_dice",
                    "segmentation",
                    "dice of each class, p = softmax(x)",
                    "Milletari et al. 2016",
                    MulticlassDice.class),
            entry(
                    "multiclass_iou",
                    "segmentation",
                    "soft IoU of each class, p = softmax(x)",
                    "Rahman and Wang 2016",
                    MulticlassIou.class),
            entry(
                    "multiclass_tversky",
                    "segmentation",
                    "Tversky of each class, p = softmax(x)",
                    "Salehi et al. 2017",
                    MulticlassTversky.class),
            entry("box_iou", "boxes", "1 - IoU", "", BoxIou.class),
            entry("box_giou", "boxes", "1 - IoU + (C - U) / C", "Rezatofighi et al. 2019", BoxGiou.class),
            entry("box_diou", "boxes", "1 - IoU + d^2 / c^2", "Zheng et al. 2020", BoxDiou.class),
            entry("box_ciou", "boxes", "DIoU + alpha v", "Zheng et al. 2020", BoxCiou.class),
            entry("box_kl", "boxes", "exp(-s) d^2 / 2 + s / 2, linear beyond 1", "He et al. 2019", BoxKl.class),
            entry(
                    "triplet",
                    "embedding",
                    "max(0, margin + d(a, p) - d(a, n)), mined",
                    "Hermans et al. 2017",
                    Triplet.class),
            entry(
                    "facenet_triplet",
                    "embedding",
                    "max(0, |a - p|^2 - |a - n|^2 + margin)",
                    "Schroff et al. 2015",
                    FacenetTriplet.class),
            entry(
                    "triplet_margin",
                    "embedding",
                    "max(0, |a - p|_p - |a - n|_p + margin)",
                    "Balntas et al. 2016",
                    TripletMargin.class),
            entry(
                    "contrastive",
                    "embedding",
                    "d of pairs of one class, max(0, margin - d) of two",
                    "Hadsell et al. 2006",
                    Contrastive.class),
            entry("n_pairs", "embedding", "-log softmax_j(a_i . p_j)_i", "Sohn 2016", NPairs.class),
            entry(
                    "proxy_nca",
                    "embedding",
                    "d(x, p_y) + log sum_(k != y) exp(-d(x, p_k))",
                    "Movshovitz-Attias et al. 2017",
                    ProxyNca.class),
            entry(
                    "lifted_structure",
                    "embedding",
                    "sum max(0, J)^2 / (2 |P|)",
                    "Oh Song et al. 2016",
                    LiftedStructure.class),
            entry("ranked_list", "embedding", "(1 - lambda) L_P + lambda L_N", "Wang et al. 2019", RankedList.class),
            entry(
                    "nt_xent",
                    "embedding",
                    "-log(exp(s_ap) / (exp(s_ap) + sum_n exp(s_an)))",
                    "Chen et al. 2020",
                    NtXent.class),
            entry(
                    "multi_similarity",
                    "embedding",
                    "log(1 + sum exp(-alpha (s_p - base))) / alpha + ...",
                    "Wang et al. 2019",
                    MultiSimilarity.class),
            entry(
                    "arcface",
                    "embedding",
                    "cross entropy of scale cos(theta_y + margin)",
                    "Deng et al. 2019",
                    ArcFace.class),
            entry(
                    "bernoulli_nll",
                    "generative",
                    "-sum(y log p + (1 - y) log(1 - p)) / N, p = sigmoid(x)",
                    "Kingma and Welling 2014",
                    BernoulliNll.class),
            entry(
                    "gaussian_nll",
                    "generative",
                    "sum((x - y)^2 / (2 s^2) + log s + log(2 pi) / 2) / N",
                    "Kingma and Welling 2014",
                    GaussianNll.class),
            entry(
                    "vae_kl",
                    "generative",
                    "-1/2 sum(1 + log sigma^2 - mu^2 - sigma^2)",
                    "Kingma and Welling 2014",
                    VaeKl.class),
            entry(
                    "gan",
                    "generative",
                    "saturating, non-saturating, least squares, hinge",
                    "Goodfellow et al. 2014",
                    GanLoss.class),
            entry(
                    "wasserstein",
                    "generative",
                    "mean(fake) - mean(real); -mean(fake)",
                    "Arjovsky et al. 2017",
                    WassersteinLoss.class),
            entry(
                    "gradient_penalty",
                    "generative",
                    "lambda mean((|grad D(z)|_2 - 1)^2)",
                    "Gulrajani et al. 2017",
                    GradientPenalty.class));

    private static final Map<String, Entry> BY_NAME = byName();

    private Losses() {}

    /** Returns all losses, those of a kind together. */
    public static List<Entry> all() {
        return ENTRIES;
    }

    /**
     * Returns a loss by its name.
     *
     * @param name as {@code djinn losses} lists it
     * @return the entry
     * @throws IllegalArgumentException if there is none; the message names the nearest
     */
    public static Entry named(String name) {
        Entry entry = BY_NAME.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("unknown loss '" + name + "', "
                    + Nearest.suggestion(name, BY_NAME.keySet(), "there are ", "'djinn losses' lists them"));
        }
        return entry;
    }

    private static Entry entry(String name, String kind, String formula, String source, Class<?> type) {
        return new Entry(name, kind, formula, source, type);
    }

    private static Map<String, Entry> byName() {
        Map<String, Entry> names = new LinkedHashMap<>();
        for (Entry entry : ENTRIES) {
            if (names.put(entry.name, entry) != null) {
                throw new IllegalStateException("two losses are named " + entry.name);
            }
        }
        return names;
    }
}
