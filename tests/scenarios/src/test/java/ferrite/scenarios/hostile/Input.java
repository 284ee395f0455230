package ferrite.scenarios.hostile;

import ferrite.board.session.SerialInput;

/** Standard input of a fixed length, complete from the start. */
final class Input implements SerialInput {

    private int left;

    Input(int bytes) {
        left = bytes;
    }

    @Override
    public boolean isPerson() {
        return false;
    }

    @Override
    public boolean isQuitting() {
        return false;
    }

    @Override
    public int take() {
        return left > 0 ? left-- & 0xff : END;
    }

    @Override
    public long await(long nanoseconds) {
        throw new IllegalStateException("this input never makes a program wait");
    }
}
