package ferrite.board.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Explanation;
import ferrite.kernel.check.Rule;
import ferrite.kernel.driver.BootmemCalls;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.KernelCalls;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The wrong example of {@code ferrite explain} is reported by its rule, and the right one by no rule. */
@Timeout(60)
class ExplainedExamplesTest {

    /** Examples that need boot, an interrupt, an ioctl, a probe, a removal, a device, a program, or 20 seconds. */
    private static final Set<Rule> NEED_A_DRIVER = EnumSet.of(Rule.AIO_COMPLETED_TWICE,
            Rule.BOOTMEM_TOO_LATE, Rule.BOOTMEM_BAD_FREE,
            Rule.DEVICE_MISUSE, Rule.DMA_MASK_UNCHECKED, Rule.HELD_AT_REMOVAL, Rule.IOCTL_NUMBER, Rule.IRQ_NOBODY_CARED,
            Rule.LOCK_IRQ_UNSAFE, Rule.PAGE_NOT_DIRTY, Rule.SOFT_LOCKUP);
    /** Rules of which another rule tells earlier, at a driver's access. */
    private static final Set<Rule> TOLD_BY_ANOTHER = EnumSet.of(Rule.STALE_TRANSLATION, Rule.DMA_POOL_USE_AFTER_FREE);
    private static final String PARAMETERS = """
            KernelCalls kernel, BootmemCalls bootmem, KernelMemory memory, Device device, long dev, long lock,
            long otherLock, long cache, long otherCache, long pool, long otherPool, long mempool, long handle,
            long sgl, long registers, long queue, long counters, long handler, long source, int channel, int irq""";
    private static final String IMPORTS = """
            import static ferrite.kernel.base.Gfp.*;
            import static ferrite.kernel.dma.DmaDirection.*;
            import static ferrite.kernel.dma.DmaMode.*;
            import ferrite.hardware.turn.KernelMemory;
            import ferrite.kernel.dma.*;
            import ferrite.kernel.driver.*;
            import ferrite.kernel.fs.*;
            import ferrite.kernel.sched.*;
            """;
    private static final int CHANNEL = 1;
    private static final int BLOCK = 64;

    @TempDir
    private static Path directory;

    private static Class<?> examples;

    @BeforeAll
    static void compile() throws Exception {
        StringBuilder source = new StringBuilder(IMPORTS + "public class Examples {\n");
        for (Rule rule : Rule.values()) {
            Explanation explanation = Explanation.of(rule);
            source.append(method("wrong", rule, explanation.wrongCode()))
                    .append(method("right", rule, explanation.rightCode()));
        }
        Path file = Files.writeString(directory.resolve("Examples.java"), source.append("}\n"));
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-g", "-proc:none", "-classpath",
                System.getProperty("java.class.path"), "-d", directory.toString(), file.toString())).isZero();
        examples = Class.forName("Examples", true, loader());
    }

    private static ClassLoader loader() throws MalformedURLException {
        return new URLClassLoader(new URL[] {directory.toUri().toURL()}, ExplainedExamplesTest.class.getClassLoader());
    }

    private static String method(String kind, Rule rule, String body) {
        return "public static void " + kind + rule.name() + "(" + PARAMETERS + ") {\n" + body + "\n}\n";
    }

    static Stream<Rule> rules() {
        return Stream.of(Rule.values()).filter(rule -> !NEED_A_DRIVER.contains(rule)
                && !TOLD_BY_ANOTHER.contains(rule));
    }

    private static List<Violation> run(String name, Checks checks) throws Exception {
        Method example = examples.getMethod(name, KernelCalls.class, BootmemCalls.class, KernelMemory.class,
                Device.class, long.class, long.class, long.class, long.class, long.class, long.class, long.class,
                long.class, long.class, long.class, long.class, long.class, long.class, long.class, long.class,
                int.class, int.class);
        return Corpus.violations(bench -> invoke(example, bench),
                new BoardOptions().checks(checks).ram(1L << 30).harts(2));
    }

    private static void invoke(Method example, Story.Bench bench) {
        KernelCalls kernel = bench.kernel;
        long handle = bench.buffer(4);
        long queue = bench.buffer(BLOCK);
        kernel.initWaitqueueHead(queue);
        Object[] arguments = {kernel, null, kernel.memory(), null, bench.dev(), bench.buffer(4), bench.buffer(4),
            kernel.kmemCacheCreate("one", BLOCK, 0, 0, 0), kernel.kmemCacheCreate("other", 2 * BLOCK, 0, 0, 0),
            kernel.dmaPoolCreate("one", bench.dev(), BLOCK, BLOCK, 0),
            kernel.dmaPoolCreate("other", bench.dev(), BLOCK, BLOCK, 0), kernel.mempoolCreateKmallocPool(2, BLOCK),
            handle, bench.buffer(BLOCK), bench.buffer(BLOCK), queue, kernel.allocPercpu(BLOCK), 0L,
            bench.map(kernel.kmalloc(8 * BLOCK, Gfp.GFP_KERNEL), 8 * BLOCK, Story.Bench.TO), CHANNEL, 0};
        try {
            example.invoke(null, arguments);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown.getCause();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theWrongExampleBreaksItsRuleAndTheRightOneNone(Rule rule) throws Exception {
        Checks checks = Checks.DEFAULT.has(rule) ? Checks.DEFAULT : Checks.ALL;
        assertThat(run("wrong" + rule.name(), checks)).extracting(Violation::rule).startsWith(rule.text());
        assertThat(run("right" + rule.name(), checks)).extracting(Violation::summary).isEmpty();
    }

    static Stream<Rule> toldByAnother() {
        return TOLD_BY_ANOTHER.stream();
    }

    @ParameterizedTest
    @MethodSource("toldByAnother")
    void anExampleThatAnotherRuleTellsIsNotSilent(Rule rule) throws Exception {
        assertThat(run("wrong" + rule.name(), Checks.DEFAULT)).hasSize(1);
    }
}
