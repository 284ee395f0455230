package ferrite.kernel.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

    @Test
    void isMadeOfWordsWithValues() {
        CommandLine line = CommandLine.of("  quiet zone_dma=0x400000  owners=off disk.gfp=GFP_KERNEL|GFP_DMA empty= ");
        assertThat(line.get("owners", "on")).isEqualTo("off");
        assertThat(line.get("disk.gfp", "")).isEqualTo("GFP_KERNEL|GFP_DMA");
        assertThat(line.get("quiet", "no value")).isEqualTo("no value");
        assertThat(line.get("empty", "x")).isEmpty();
        assertThat(line.bytes("zone_dma", 1)).isEqualTo(4 << 20);
        assertThat(line.bytes("zone_normal", 7)).isEqualTo(7);
        assertThat(CommandLine.of("").get("anything", "x")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "16M", "1e6", "0x", "9999999999999999999"})
    void whatIsNoNumberOfBytesIsAPanicThatSaysSo(String value) {
        assertThatThrownBy(() -> CommandLine.of("zone_dma=" + value)
                .bytes("zone_dma", 1)).isInstanceOf(KernelPanic.class).hasMessage("zone_dma=" + value
                + " on the kernel's command line: the value must be a number of bytes, for example zone_dma=16777216");
    }
}
