package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Tools;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The reference disassembler, with which ours must agree. */
final class Objdump {

    static final long BASE_VA = 0x8000_0000L;

    private static final String TOOL = "riscv64-unknown-elf-objdump";
    private static final Pattern LINE = Pattern.compile("\\s*([0-9a-f]+):\\t([0-9a-f]{8}|[0-9a-f]{4})\\s+\\t(.*)");
    private static final Pattern COMMENT = Pattern.compile("\\s*(#.*|<.*>)?\\s*$");

    private Objdump() {
    }

    /** Returns objdump's text for 32-bit words that begin at {@link #BASE_VA}, without its comments. */
    static List<String> disassemble(int[] words, Path directory, String... options) throws Exception {
        Tools.need(TOOL);
        Path image = directory.resolve("words.bin");
        Files.write(image, littleEndian(words, 4));
        List<String> texts = parse(Tools.run(directory, command(image, options)).lines().toList(), words, 4);
        assertThat(texts).as("lines of objdump").hasSameSizeAs(words);
        return texts;
    }

    /** Returns objdump's text for parcels of 16 bits. */
    static List<String> disassembleParcels(int[] parcels, Path directory, String... options) throws Exception {
        Tools.need(TOOL);
        Path image = directory.resolve("parcels.bin");
        Files.write(image, littleEndian(parcels, 2));
        List<String> texts = parse(Tools.run(directory, command(image, options)).lines().toList(), parcels, 2);
        assertThat(texts).as("lines of objdump").hasSameSizeAs(parcels);
        return texts;
    }

    private static String[] command(Path image, String... options) {
        List<String> command = new ArrayList<>(List.of(TOOL, "-D", "-z", "-b", "binary", "-m", "riscv:rv32",
                "--adjust-vma=0x" + Long.toHexString(BASE_VA)));
        command.addAll(List.of(options));
        command.add(image.toString());
        return command.toArray(String[]::new);
    }

    private static List<String> parse(List<String> listing, int[] words, int width) {
        List<String> texts = new ArrayList<>();
        for (String line : listing) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                int index = texts.size();
                assertThat(Long.parseLong(matcher.group(1), 16)).as(line).isEqualTo(BASE_VA + (long) width * index);
                assertThat(Integer.parseUnsignedInt(matcher.group(2), 16)).as(line).isEqualTo(words[index]);
                texts.add(COMMENT.matcher(matcher.group(3)).replaceFirst("").replace('\t', ' '));
            }
        }
        return texts;
    }

    private static byte[] littleEndian(int[] words, int width) {
        ByteBuffer bytes = ByteBuffer.allocate(width * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            if (width == 4) {
                bytes.putInt(word);
            } else {
                bytes.putShort((short) word);
            }
        }
        return bytes.array();
    }
}
