package djinn.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.onnxruntime.OrtEnvironment;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The plan of the house, where Maven cannot see it. */
class HouseTest {

    private static final JavaClasses OWN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // the formula of golden weights comes in a jar of its own
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("djinn");

    private static final Set<String> KEPT_FOR_GRADIENTS =
            Set.of("mul", "div", "pow", "maximum", "minimum", "muli", "divi", "powi");

    @Test
    void allRoomsAreSeen() {
        for (String room : new String[] {
            "ops",
            "losses",
            "zoo",
            "config",
            "data",
            "metrics",
            "training",
            "tasks",
            "report",
            "export",
            "inference",
            "predict",
            "cli"
        }) {
            assertThat(OWN.stream().filter(c -> c.getPackageName().startsWith("djinn." + room)))
                    .as(room)
                    .hasSizeGreaterThan(3);
        }
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("djinn.(*)..").should().beFreeOfCycles().check(OWN);
        slices().matching("djinn.zoo.(*)..").should().beFreeOfCycles().check(OWN);
        slices().matching("djinn.training.(*)..").should().beFreeOfCycles().check(OWN);
    }

    /** Whoever only predicts takes one artifact, and no code that trains comes with it. */
    @Test
    void predictingKnowsNoTraining() {
        noClasses()
                .that()
                .resideInAnyPackage("djinn.predict..", "djinn.inference..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "djinn.training..", "djinn.losses..", "djinn.metrics..", "djinn.tasks..", "djinn.cli..")
                .check(OWN);
    }

    @Test
    void theEnginesOwnClassesAreNamedInOpsAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("djinn.ops..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl.pytorch..")
                .check(OWN);
    }

    @Test
    void aClassIsAbstractOrFinal() {
        DescribedPredicate<JavaClass> open = DescribedPredicate.describe(
                "open classes",
                c -> !c.isInterface()
                        && !c.isEnum()
                        && !c.isAnonymousClass()
                        && !c.getModifiers().contains(JavaModifier.ABSTRACT)
                        && !c.isAssignableTo(RuntimeException.class));
        classes().that(open).should().haveModifier(JavaModifier.FINAL).check(OWN);
    }

    /** Djinn's own gradients are right whenever Java's collector runs: see {@link djinn.ops.Scalars}. */
    @Test
    void numbersTheEngineKeepsForAGradientAreNotLeftInJavasMemory() {
        DescribedPredicate<AccessTarget> kept = DescribedPredicate.describe(
                "NDArray's arithmetic with a Number whose gradient reads it",
                target -> target.getOwner().isAssignableTo(NDArray.class)
                        && KEPT_FOR_GRADIENTS.contains(target.getName())
                        && target instanceof CodeUnitAccessTarget call
                        && call.getRawParameterTypes().size() == 1
                        && call.getRawParameterTypes().get(0).isEquivalentTo(Number.class));
        noClasses()
                .should()
                .accessTargetWhere(JavaAccess.Predicates.target(kept))
                .check(OWN);
    }

    /** It starts on a stack of its own: on that of Java's main thread it overflows, and the process ends without a word. */
    @Test
    void onnxRuntimeIsStartedAtOnePlace() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("djinn.export.onnx.OnnxRuntime")
                .should()
                .callMethodWhere(JavaAccess.Predicates.target(DescribedPredicate.describe(
                        "OrtEnvironment.getEnvironment",
                        target -> target.getOwner().isEquivalentTo(OrtEnvironment.class)
                                && target.getName().equals("getEnvironment"))))
                .check(OWN);
    }

    @Test
    void onlyTheCommandPrints() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(OWN);
    }

    @Test
    void namesSayWhatThingsAre() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .check(OWN);
    }
}
