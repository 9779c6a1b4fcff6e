// Verify checks a log directory with the public packages sumdb/note and sumdb/tlog alone:
// the signature of the checkpoint, all entries up to its root, every hash tile, and one proof
// of inclusion. It exits non-zero at the first fault.
//
//	verify DIRECTORY VKEY PROOF
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(parts ...string) []byte {
	data, err := os.ReadFile(filepath.Join(parts...))
	check(err)
	return data
}

// openCheckpoint returns the size and root that the log has signed.
func openCheckpoint(signed []byte, vkey string) (size int64, root tlog.Hash) {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		log.Fatal("wrong origin")
	}
	_, err = fmt.Sscanf(lines[1], "%d", &size)
	check(err)
	root, err = tlog.ParseHash(lines[2])
	check(err)
	return size, root
}

// storedHashes hashes all entries of a log, in the order in which sumdb/tlog stores hashes.
func storedHashes(dir string, size int64) (stored []tlog.Hash, reader tlog.HashReaderFunc) {
	reader = func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	}
	var bundle []byte
	for n := int64(0); n < size; n++ {
		if n%256 == 0 {
			width := int(min(256, size-n))
			path := tlog.Tile{H: 8, L: -1, N: n / 256, W: width}.Path()
			bundle = read(dir, "tile/entries", strings.TrimPrefix(path, "tile/8/data/"))
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		hashes, err := tlog.StoredHashes(n, bundle[2:end], reader)
		check(err)
		stored, bundle = append(stored, hashes...), bundle[end:]
		if (n%256 == 255 || n == size-1) && len(bundle) > 0 {
			log.Fatal("a bundle is too long")
		}
	}
	return stored, reader
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// checkProof checks a .tlog-proof file, whose extra line is the entry.
func checkProof(proof string, vkey string) {
	head, signed, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err)
	var index int64
	_, err = fmt.Sscanf(lines[2], "index %d", &index)
	check(err)
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		check(err)
		path = append(path, hash)
	}
	size, root := openCheckpoint([]byte(signed), vkey)
	check(tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry)))
}

func main() {
	dir, vkey := os.Args[1], os.Args[2]
	size, root := openCheckpoint(read(dir, "checkpoint"), vkey)
	_, hashes := storedHashes(dir, size)
	found, err := tlog.TreeHash(size, hashes)
	check(err)
	if found != root {
		log.Fatal("the entries do not lead to the root in the checkpoint")
	}
	for _, tile := range tlog.NewTiles(8, 0, size) {
		if int64(tile.W) < min(256, size>>(8*tile.L)-256*tile.N) {
			continue // a width of an earlier size
		}
		data, err := tlog.ReadTileData(tile, hashes)
		check(err)
		path := strings.TrimPrefix(tile.Path(), "tile/8/")
		if !bytes.Equal(data, read(dir, "tile", path)) {
			log.Fatal("a hash tile is wrong: ", path)
		}
	}
	checkProof(string(read(os.Args[3])), vkey)
	fmt.Println(size, root)
}
