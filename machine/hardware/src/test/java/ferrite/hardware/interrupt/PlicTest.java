package ferrite.hardware.interrupt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlicTest {

    private static final int M0 = 0;
    private static final int S0 = 1;
    private static final int S1 = 3;

    private final Clock clock = new Clock();
    private final PhysicalBus bus = new PhysicalBus(new Ram(0, 4096));
    private final List<Hart> harts = List.of(new Hart(0, clock, bus, 0), new Hart(1, clock, bus, 0));
    private final Plic plic = new Plic(harts);

    @BeforeEach
    void everySourceHasPriorityOne() {
        for (int source = 1; source < Plic.SOURCES; source++) {
            priority(source, 1);
        }
    }

    private void priority(int source, int value) {
        plic.store(4L * source, 4, value);
    }

    private void enable(int context, int sources) {
        plic.store(0x2000 + 0x80L * context, 4, sources);
    }

    private void threshold(int context, int value) {
        plic.store(0x20_0000 + 0x1000L * context, 4, value);
    }

    private int claim(int context) {
        return plic.load(0x20_0004 + 0x1000L * context, 4);
    }

    private void complete(int context, int source) {
        plic.store(0x20_0004 + 0x1000L * context, 4, source);
    }

    private int pending() {
        return plic.load(0x1000, 4);
    }

    private boolean interrupted(int context) {
        int cause = context % 2 == 0 ? Trap.MACHINE_EXTERNAL : Trap.SUPERVISOR_EXTERNAL;
        return (harts.get(context / 2).csrs().pending() >> cause & 1) != 0;
    }

    @Test
    void aSourceInterruptsTheContextsThatEnableItAndNoOther() {
        enable(S0, 1 << 5);
        enable(M0, 1 << 6);
        plic.line(5).set(true);
        assertThat(interrupted(S0)).isTrue();
        assertThat(interrupted(M0)).isFalse();
        assertThat(interrupted(S1)).isFalse();
        plic.line(6).set(true);
        assertThat(interrupted(M0)).isTrue();
        enable(S0, 0);
        assertThat(interrupted(S0)).isFalse();
    }

    @Test
    void claimingTakesThePendingBitAwayAndCompletingRependsAWireThatIsStillUp() {
        enable(S0, 1 << 5);
        plic.line(5).set(true);
        assertThat(pending()).isEqualTo(1 << 5);
        assertThat(claim(S0)).isEqualTo(5);
        assertThat(pending()).isZero();
        assertThat(interrupted(S0)).isFalse();
        assertThat(claim(S0)).as("no second claim").isZero();
        complete(S0, 5);
        assertThat(pending()).isEqualTo(1 << 5);
        assertThat(interrupted(S0)).isTrue();
    }

    @Test
    void aWireThatFellBeforeCompletionPendsNoMore() {
        enable(S0, 1 << 5);
        plic.line(5).set(true);
        claim(S0);
        plic.line(5).set(false);
        complete(S0, 5);
        assertThat(interrupted(S0)).isFalse();
        plic.line(5).set(true);
        assertThat(claim(S0)).isEqualTo(5);
    }

    @Test
    void whatTheGatewayHasForwardedStaysPendingWhenTheWireFalls() {
        enable(S0, 1 << 5);
        plic.line(5).set(true);
        plic.line(5).set(false);
        assertThat(pending()).isEqualTo(1 << 5);
        assertThat(claim(S0)).isEqualTo(5);
        complete(S0, 5);
        assertThat(claim(S0)).isZero();
    }

    @Test
    void aWireThatRisesAnewWhileItIsServedWaitsForCompletion() {
        enable(S0, 1 << 5);
        plic.line(5).set(true);
        claim(S0);
        plic.line(5).set(false);
        plic.line(5).set(true);
        assertThat(interrupted(S0)).isFalse();
        complete(S0, 5);
        assertThat(claim(S0)).isEqualTo(5);
    }

    @Test
    void aCompletionByAContextThatDoesNotEnableTheSourceIsIgnored() {
        enable(S0, 1 << 5);
        plic.line(5).set(true);
        claim(S0);
        complete(S1, 5);
        assertThat(interrupted(S0)).isFalse();
        enable(S0, 0);
        complete(S0, 5);
        enable(S0, 1 << 5);
        assertThat(interrupted(S0)).isFalse();
        complete(S0, 0);
        complete(S0, 32);
        complete(S0, -1);
        assertThat(interrupted(S0)).isFalse();
        complete(S0, 5);
        assertThat(interrupted(S0)).isTrue();
    }

    @Test
    void theHighestPriorityIsClaimedFirstAndTheLowestNumberOfATie() {
        enable(S0, -1);
        priority(3, 2);
        priority(9, 7);
        priority(12, 7);
        for (int source : new int[] {12, 3, 31, 9, 1}) {
            plic.line(source).set(true);
        }
        assertThat(new int[] {claim(S0), claim(S0), claim(S0), claim(S0), claim(S0), claim(S0)})
                .containsExactly(9, 12, 3, 1, 31, 0);
    }

    @Test
    void twoContextsShareASourceAndOneOfThemGetsIt() {
        enable(S0, 1 << 4);
        enable(S1, 1 << 4);
        plic.line(4).set(true);
        assertThat(interrupted(S0)).isTrue();
        assertThat(interrupted(S1)).isTrue();
        assertThat(claim(S1)).isEqualTo(4);
        assertThat(interrupted(S0)).isFalse();
        assertThat(claim(S0)).isZero();
        complete(S0, 4);
        assertThat(interrupted(S1)).as("completed by another that enables it").isTrue();
    }

    @Test
    void aThresholdKeepsLowerAndEqualPrioritiesFromInterrupting() {
        enable(S0, -1);
        priority(3, 2);
        plic.line(3).set(true);
        threshold(S0, 2);
        assertThat(interrupted(S0)).isFalse();
        threshold(S0, 1);
        assertThat(interrupted(S0)).isTrue();
        threshold(S0, 7);
        priority(3, 7);
        assertThat(interrupted(S0)).as("the maximum threshold lets nothing through").isFalse();
    }

    @Test
    void aClaimIsNotAffectedByTheThreshold() {
        enable(S0, -1);
        plic.line(3).set(true);
        threshold(S0, 7);
        assertThat(interrupted(S0)).isFalse();
        assertThat(claim(S0)).isEqualTo(3);
    }

    @Test
    void priorityZeroMeansNever() {
        enable(S0, -1);
        priority(3, 0);
        plic.line(3).set(true);
        assertThat(interrupted(S0)).isFalse();
        assertThat(claim(S0)).isZero();
        priority(3, 1);
        assertThat(interrupted(S0)).isTrue();
    }

    @Test
    void sourceZeroCannotBeEnabledNorWired() {
        enable(S0, -1);
        assertThat(plic.load(0x2080, 4)).isEqualTo(~1);
        assertThatThrownBy(() -> plic.line(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sources 1 to 31");
        assertThatThrownBy(() -> plic.line(32)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void peekingAtTheClaimRegisterClaimsNothing() {
        enable(S0, -1);
        plic.line(3).set(true);
        assertThat(plic.peek(0x20_1004, 4)).isEqualTo(3);
        assertThat(plic.peek(0x20_1004, 4)).isEqualTo(3);
        assertThat(pending()).isEqualTo(1 << 3);
        assertThat(interrupted(S0)).isTrue();
    }

    @Test
    void registersReadBackWhatWasWritten() {
        priority(7, 5);
        priority(8, 0xff);
        enable(S1, 0x1234_5678);
        threshold(S1, 3);
        assertThat(plic.load(28, 4)).isEqualTo(5);
        assertThat(plic.load(32, 4)).as("three bits of priority").isEqualTo(7);
        assertThat(plic.load(0x2180, 4)).isEqualTo(0x1234_5678);
        assertThat(plic.load(0x20_3000, 4)).isEqualTo(3);
    }

    @Test
    void offsetsWithoutARegisterAndNarrowAccessesAreBusFaults() {
        for (long offset : new long[] {0x80, 0xffc, 0x2200, 0x2004, 0x20_4000, 0x20_0008, 0x20_4004, 0x3f_fffc}) {
            assertThatThrownBy(() -> plic.load(offset, 4)).as("load %x", offset).isInstanceOf(BusFault.class);
            assertThatThrownBy(() -> plic.peek(offset, 4)).as("peek %x", offset).isInstanceOf(BusFault.class);
            assertThatThrownBy(() -> plic.store(offset, 4, 0)).as("store %x", offset).isInstanceOf(BusFault.class);
        }
        for (long offset : new long[] {4, 0x1000, 0x2080, 0x20_1000, 0x20_1004}) {
            assertThatThrownBy(() -> plic.load(offset, 1)).as("load8 %x", offset).isInstanceOf(BusFault.class);
            assertThatThrownBy(() -> plic.peek(offset, 2)).as("peek16 %x", offset).isInstanceOf(BusFault.class);
        }
    }

    @Test
    void aRestoredPlicGoesOnAsTheSavedOneDid() {
        enable(S0, -1);
        priority(3, 4);
        plic.line(3).set(true);
        plic.line(5).set(true);
        claim(S0);
        StateWriter out = new StateWriter();
        plic.save(out);
        complete(S0, 3);
        enable(S0, 0);
        plic.line(3).set(false);
        plic.restore(new StateReader(out.toBytes()));
        assertThat(pending()).isEqualTo(1 << 5);
        complete(S0, 3);
        assertThat(claim(S0)).isEqualTo(3);
        assertThat(claim(S0)).isEqualTo(5);
    }
}
