package ferrite.testkit;

import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.shadow.Claim;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about a machine under test. {@link MachineAssertions#assertThat} creates them, and they chain as AssertJ's
 * do.
 *
 * <pre>{@code
 * assertThat(machine).hasViolation("dma-above-reach").at(MyDriver.class).hasNoLeaks();
 * assertThat(machine).hasNoViolation("lock-order").allDmaBuffersIn(Zone.DMA).bounced(0);
 * }</pre>
 *
 * <p>An assertion that fails throws an {@link AssertionError} with the machine's reports and the command line that
 * replays the run. An assertion only looks at
 * the machine: its run does not change. Call it on the test's thread, between two calls of {@link MachineRun#type}.
 */
public class MachineAssert extends AbstractAssert<MachineAssert, MachineRun> {

    MachineAssert(MachineRun actual) {
        super(actual, MachineAssert.class);
    }

    /** Asserts that no rule has been broken since boot. */
    public MachineAssert hasNoViolations() {
        isNotNull();
        if (!actual.violations().isEmpty()) {
            failWithReports("Expected no broken rule, but there are:");
        }
        return this;
    }

    /**
     * Asserts that a rule has been broken at least once since boot.
     *
     * @param rule the rule's name, such as {@code dma-above-reach}; {@code ferrite checks} lists the names
     * @return assertions about the violations of this rule
     */
    public ViolationAssert hasViolation(String rule) {
        isNotNull();
        List<Violation> broken = of(rule);
        if (broken.isEmpty()) {
            List<String> rules = actual.violations().stream().map(Violation::rule).distinct().toList();
            failWithReports("Expected that the rule " + rule + " is broken, but "
                    + (rules.isEmpty() ? "no rule is" : "only these are: " + rules));
        }
        return new ViolationAssert(actual, rule, broken);
    }

    /**
     * Asserts that a rule has not been broken since boot. Other rules may be.
     *
     * @param rule the rule's name; a name that no rule has fails the assertion
     */
    public MachineAssert hasNoViolation(String rule) {
        isNotNull();
        if (Rule.of(rule) == null) {
            failWithMessage("There is no rule '%s', so it cannot be broken; 'ferrite checks' lists the rules", rule);
        }
        if (!of(rule).isEmpty()) {
            failWithReports("Expected that the rule " + rule + " is not broken, but it is:");
        }
        return this;
    }

    private List<Violation> of(String rule) {
        return actual.violations().stream().filter(violation -> violation.rule().equals(rule)).toList();
    }

    /**
     * Asserts that all memory that devices may access at this moment lies in one zone: each live mapping, each coherent
     * allocation, and the buffer of each programmed ISA channel. A bounced mapping counts with its bounce buffer.
     * Mappings that have ended do not count, so call it while the driver holds its buffers. It needs the checks of DMA,
     * which are on by default.
     */
    public MachineAssert allDmaBuffersIn(Zone zone) {
        isNotNull();
        Kernel kernel = actual.board().kernel();
        if (Stream.of(Rule.DMA_STRAY_ACCESS, Rule.DMA_FREED_IN_USE, Rule.DMA_CPU_ACCESS, Rule.DMA_FREED_MEMORY,
                Rule.DMA_ERROR_UNCHECKED).noneMatch(kernel.base().violations()::checks)) {
            failWithMessage("The machine does not record the buffers of devices, because it checks no rule of DMA "
                    + "accesses; check dma-stray-access");
        }
        ReadableMemory view = actual.board().machine().peek(0);
        List<String> elsewhere = kernel.base().states().claims().live().stream()
                .filter(claim -> !isIn(kernel, view, claim, zone)).map(claim -> claim.terms().bytes() + " bytes at "
                        + Hex.grouped(claim.terms().dma()) + " in zone " + zoneOf(kernel, view, claim.terms().dma())
                        + " for " + claim.terms().device() + ", since " + claim.site()).toList();
        if (!elsewhere.isEmpty()) {
            failWithReports("Expected that all buffers of devices are in zone " + zone + ", but these are not:"
                    + System.lineSeparator() + "  " + String.join(System.lineSeparator() + "  ", elsewhere));
        }
        return this;
    }

    private static boolean isIn(Kernel kernel, ReadableMemory view, Claim claim, Zone zone) {
        long start = claim.terms().dma();
        return zoneOf(kernel, view, start) == zone
                && zoneOf(kernel, view, start + Math.max(1, claim.terms().bytes()) - 1) == zone;
    }

    /** Returns the zone of an address; null if there is no memory. */
    private static Zone zoneOf(Kernel kernel, ReadableMemory view, long pa) {
        long pfn = pa >>> AddressSpace.PAGE_SHIFT;
        return kernel.mm().memMap().isValid(pfn) ? Zone.of(kernel.mm().zones().zoneOf(view, pfn)) : null;
    }

    /**
     * Asserts how many mappings were copied to bounce buffers since boot.
     *
     * @param mappings the number of calls that map memory; a scatterlist counts once for each bounced entry
     */
    public MachineAssert bounced(int mappings) {
        isNotNull();
        int bounced = actual.board().kernel().dma().mapping().swiotlb().bounced(actual.board().machine().peek(0));
        if (bounced != mappings) {
            failWithReports("Expected that " + mappings + " mappings are bounced since boot, but " + bounced + " are");
        }
        return this;
    }

    /** Asserts that all allocations since boot are freed, and all tasks started since boot have ended. */
    public MachineAssert hasNoLeaks() {
        isNotNull();
        List<String> leaks = actual.leaks();
        if (!leaks.isEmpty()) {
            failWithReports("Expected no leak since boot, but these are left:" + System.lineSeparator() + "  "
                    + String.join(System.lineSeparator() + "  ", leaks));
        }
        return this;
    }

    /**
     * Asserts that all memory that the lines of some classes have allocated since boot is freed. Other drivers may keep
     * theirs, for example a copy engine that is set up when it is first used. See {@link MachineRun#leaksOf}.
     */
    public MachineAssert hasNoLeaksOf(Class<?>... code) {
        isNotNull();
        List<String> leaks = actual.leaksOf(code);
        if (!leaks.isEmpty()) {
            failWithReports("Expected no leak of these classes since boot, but these are left:"
                    + System.lineSeparator() + "  " + String.join(System.lineSeparator() + "  ", leaks));
        }
        return this;
    }

    /** Fails with the reports of the run, and with the command line that replays it. */
    final void failWithReports(String message) {
        String line = System.lineSeparator();
        failWithMessage("%s", message + line + line + actual.err() + "again: " + actual.replay());
    }
}
