package ferrite.kernel.shell;

/** {@code dd}: coreutils' operands and record counts. Time is the machine's. */
final class DdCommand implements Command {

    @Override
    public String name() {
        return "dd";
    }

    @Override
    public String usage() {
        return "dd [if=PATH|host:FILE] [of=PATH|host:FILE] [bs=BYTES | ibs=BYTES obs=BYTES] "
                + "[count=BLOCKS] [skip=BLOCKS] [seek=BLOCKS] [conv=WORD,...] [iflag=WORD,...] "
                + "[oflag=WORD,...] [status=WORD]";
    }

    @Override
    public String options() {
        return "";
    }

    @Override
    public String summary() {
        return "copy blocks of a file to another, or to standard output";
    }

    @Override
    public String example() {
        return "dd if=/dev/disk0 bs=512 count=1 | hexdump -C";
    }

    @Override
    public int run(CommandContext context) {
        DdOperands operands = new DdOperands();
        for (String word : context.letters(this).operands()) {
            String refusal = operands.add(word);
            if (refusal != null) {
                return context.fail(refusal);
            }
        }
        if (operands.input() == null && !context.hasInput()) {
            return context.fail("missing if= operand; usage: " + usage());
        }
        if (operands.output() == null && operands.seekBytes() != 0) {
            return context.fail("seek= needs of=: standard output has no positions");
        }
        String tooLarge = operands.tooLarge();
        return tooLarge != null ? context.fail(tooLarge + "=: the offset is too large")
                : new DdCopy(context, operands).run();
    }
}
