package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsrNamesTest {

    private static final int CSRS = 0x1000;

    @Test
    void aCsrIsCalledWhatTheSpecificationCallsIt() {
        assertThat(CsrNames.name(0x300)).isEqualTo("mstatus");
        assertThat(CsrNames.name(0x180)).isEqualTo("satp");
        assertThat(CsrNames.name(0x14d)).isEqualTo("stimecmp");
        assertThat(CsrNames.name(0x3a3)).isEqualTo("pmpcfg3");
        assertThat(CsrNames.name(0xc9f)).isEqualTo("hpmcounter31h");
        assertThat(CsrNames.name(0xf14)).isEqualTo("mhartid");
    }

    @Test
    void aCsrWithoutANameIsANumber() {
        assertThat(CsrNames.name(0x7c0)).isEqualTo("0x7c0");
        assertThat(CsrNames.name(0x000)).isEqualTo("0x0");
        assertThat(CsrNames.name(0xfff)).isEqualTo("0xfff");
    }

    @Test
    void everyNameIsTheOneThatObjdumpPrints(@TempDir Path directory) throws Exception {
        int csrrwFromT1ToT0 = Instruction.CSRRW.match() | 6 << 15 | 5 << 7;
        int[] words = IntStream.range(0, CSRS).map(csr -> csrrwFromT1ToT0 | csr << 20).toArray();

        List<String> texts = Objdump.disassemble(words, directory, "-M", "no-aliases");

        assertThat(IntStream.range(0, CSRS).mapToObj(csr -> "csrrw t0," + CsrNames.name(csr) + ",t1"))
                .containsExactlyElementsOf(texts);
    }
}
