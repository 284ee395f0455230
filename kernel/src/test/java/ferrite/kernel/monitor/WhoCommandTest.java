package ferrite.kernel.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.PageLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WhoCommandTest {

    private static Report who(KernelFixture fixture, long address) throws MonitorException {
        return new WhoCommand(fixture.machine, fixture::kernel).run("0x" + Long.toHexString(address));
    }

    @Test
    void explainsABlockAnObjectAndWhatIsFree() throws MonitorException {
        try (KernelFixture fixture = KernelFixture.small()) {
            long[] at = new long[3];
            fixture.run(() -> {
                at[0] = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 3);
                at[1] = fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL);
                at[2] = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 1);
                fixture.kernel().calls().freePages(at[2], 1);
            });
            long pfn = fixture.kernel().calls().virtToPhys(at[0]) >>> 12;
            Report block = who(fixture, at[0] + 5 * 4096 + 7);
            assertThat(block.value("area")).startsWith("linear map of physical 0x");
            assertThat(block.value("frame")).startsWith("0x" + Long.toHexString(pfn + 5) + ", zone DMA, flags tail");
            assertThat(block.value("block"))
                    .isEqualTo("order 3 from frame 0x" + Long.toHexString(pfn) + ", allocated, 1 reference");
            assertThat(block.value("owner")).contains("'body'").endsWith("GFP_KERNEL|GFP_DMA");
            assertThat(block.value("table"))
                    .matches("satp 0x8[0-9a-f]{7} -> \\[0x3[0-9a-f]{2}\\] leaf 4 MiB, V R W G A D");

            assertThat(who(fixture, at[1] + 4).value("slab"))
                    .matches("kmalloc-128, object \\d+ of 32 at 0x[0-9a-f]+, allocated, byte 4 of 128");
            Report free = who(fixture, at[2]);
            assertThat(free.value("block")).endsWith("free");
            assertThat(who(fixture, fixture.kernel().base().space().virt(0)).value("block")).contains("reserved");
        }
    }

    @Test
    void explainsRegistersPhysicalAddressesAndWhatIsNotMapped() throws MonitorException {
        try (KernelFixture fixture = KernelFixture.small()) {
            assertThat(who(fixture, fixture.timerRegisters()).value("area")).contains("ioremap")
                    .contains("a device's registers");
            assertThat(who(fixture, fixture.timerRegisters()).value("vm_struct")).endsWith(", ioremap");
            assertThat(who(fixture, fixture.timerRegisters()).value("made")).startsWith("at KernelFixture.java:");
            assertThat(who(fixture, fixture.timerRegisters()).value("table")).contains("leaf 4 KiB");
            assertThat(who(fixture, 0x100_0000).value("frame")).contains("zone Normal");
            assertThat(who(fixture, 0xf7ff_0000L).value("area")).contains("not mapped");
            assertThat(who(fixture, 0xffff_ffffL).value("table")).contains("not valid");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0x", "0x123456789", "kmalloc", "-1", "4294967296", "0xc0000000 1"})
    void whatIsNoAddressIsRefusedInASentence(String typed) {
        try (KernelFixture fixture = KernelFixture.small()) {
            assertThatThrownBy(() -> new WhoCommand(fixture.machine, fixture::kernel).run(typed))
                    .isInstanceOf(MonitorException.class).hasMessageContaining("is not a 32-bit address");
        }
    }

    /** Laws 5 and 7: looking ends and changes nothing, also with damaged memory. */
    @Test
    void endsAndChangesNothingWhateverTheRecordsSay() throws MonitorException {
        try (KernelFixture fixture = KernelFixture.small()) {
            Random random = new Random(7);
            long[] at = new long[1];
            fixture.run(() -> {
                at[0] = fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL);
                long page = fixture.kernel().mm().memMap().head(fixture.memory(),
                        fixture.kernel().calls().virtToPage(at[0]));
                PageLayout.FREELIST.set(fixture.memory(), page, at[0]);          // a circle
                fixture.memory().storeAddress(at[0] + 64, at[0]);
                for (long other = fixture.kernel().calls().pfnToPage(0x1000);
                        other < fixture.kernel().calls().pfnToPage(0x1040); other += 4) {
                    fixture.memory().store32(other, random.nextInt());
                }
            });
            Machine.Digest before = fixture.machine.digest();
            who(fixture, at[0]);
            for (int i = 0; i < 0x40; i++) {
                who(fixture, fixture.kernel().base().space().virt(0x100_0000 + i * 0x1000L));
            }
            assertThat(fixture.machine.digest()).isEqualTo(before);
        }
    }
}
